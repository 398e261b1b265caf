import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { blockRoutes } from './blocks.routes.ts'
import type { BlocksService } from './blocks.service.ts'
import { type FriendRoutesDependencies, friendRoutes } from './friends.routes.ts'
import { searchRoutes } from './people.routes.ts'
import type { PeopleService } from './people.service.ts'

export interface PeopleRoutesDependencies extends Omit<FriendRoutesDependencies, 'message'> {
  people: PeopleService
  blocks: BlocksService
}

/** `message` is what the newest message of a friend looks like. */
export const peopleRoutes =
  (services: PeopleRoutesDependencies, message: FriendRoutesDependencies['message']): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(searchRoutes(services.people))
    await app.register(friendRoutes({ ...services, message }))
    await app.register(blockRoutes(services.blocks))
  }
