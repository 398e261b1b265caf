import { type BlocksDependencies, BlocksService } from './blocks.service.ts'
import { type FriendRequestsDependencies, FriendRequestsService } from './friend-requests.service.ts'
import { type FriendsDependencies, FriendsService } from './friends.service.ts'
import { type PeopleDependencies, PeopleService } from './people.service.ts'
import { Relations } from './relations.ts'

export type PeopleRoomDependencies = Omit<
  PeopleDependencies & BlocksDependencies & FriendsDependencies & FriendRequestsDependencies,
  'people' | 'friends' | 'relations'
>

export function buildPeople(deps: PeopleRoomDependencies) {
  const relations = new Relations()
  const people = new PeopleService({ ...deps, relations })
  const friends = new FriendsService({ ...deps, people })
  return {
    relations,
    people,
    blocks: new BlocksService({ ...deps, people }),
    friends,
    friendRequests: new FriendRequestsService({ ...deps, people, friends, relations }),
  }
}
