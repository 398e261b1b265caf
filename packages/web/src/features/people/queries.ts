import type { Block, Friend, FriendRequest, List } from '@atrium/client'
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

const next = ({ page }: List<unknown>) => (page.has_more ? (page.next_cursor ?? undefined) : undefined)
const first = undefined as string | undefined
const limit = 50

export type Direction = FriendRequest['direction']

export const friendsQuery = infiniteQueryOptions({
  queryKey: ['friends'],
  queryFn: ({ pageParam: cursor }): Promise<List<Friend>> =>
    client.api.GET('/api/v1/friends', { params: { query: { limit, ...(cursor ? { cursor } : {}) } } }),
  initialPageParam: first,
  getNextPageParam: next,
})

export const requestsQuery = (direction: Direction) =>
  infiniteQueryOptions({
    queryKey: ['friend-requests', direction],
    queryFn: ({ pageParam: cursor }): Promise<List<FriendRequest>> =>
      client.api.GET('/api/v1/friend-requests', {
        params: { query: { direction, limit, ...(cursor ? { cursor } : {}) } },
      }),
    initialPageParam: first,
    getNextPageParam: next,
  })

export const requestCountQuery = queryOptions({
  queryKey: ['friend-requests', 'count'],
  queryFn: () => client.api.GET('/api/v1/friend-requests/count'),
})

export const blocksQuery = infiniteQueryOptions({
  queryKey: ['blocks'],
  queryFn: ({ pageParam: cursor }): Promise<List<Block>> =>
    client.api.GET('/api/v1/blocks', { params: { query: { limit, ...(cursor ? { cursor } : {}) } } }),
  initialPageParam: first,
  getNextPageParam: next,
})

/** How somebody stands to this person. */
export type Relation =
  | { kind: 'stranger' | 'blocked' }
  | { kind: 'friend'; since: string }
  | { kind: Direction; requestId: string }

const pagesAtMost = 20

/** Pages of a list until one holds what is looked for. */
async function findIn<Item>(
  load: (cursor: string | undefined) => Promise<List<Item>>,
  isIt: (item: Item) => boolean,
): Promise<Item | undefined> {
  let cursor: string | undefined
  for (let pages = 0; pages < pagesAtMost; pages++) {
    const list = await load(cursor)
    const found = list.data.find(isIt)
    cursor = next(list)
    if (found || !cursor) return found
  }
  return undefined
}

const all = (cursor: string | undefined) => ({ limit: 100, ...(cursor ? { cursor } : {}) })

export const relationQuery = (userId: string) =>
  queryOptions({
    queryKey: ['relation', userId],
    queryFn: async (): Promise<Relation> => {
      const isIt = ({ user }: { user: { id: string } }) => user.id === userId
      const request = (direction: Direction) =>
        findIn<FriendRequest>(
          (cursor) => client.api.GET('/api/v1/friend-requests', { params: { query: { direction, ...all(cursor) } } }),
          isIt,
        )
      const [block, friend, incoming, outgoing] = await Promise.all([
        findIn<Block>((cursor) => client.api.GET('/api/v1/blocks', { params: { query: all(cursor) } }), isIt),
        findIn<Friend>((cursor) => client.api.GET('/api/v1/friends', { params: { query: all(cursor) } }), isIt),
        request('incoming'),
        request('outgoing'),
      ])
      if (block) return { kind: 'blocked' }
      if (friend) return { kind: 'friend', since: friend.since }
      const open = incoming ?? outgoing
      return open ? { kind: open.direction, requestId: open.id } : { kind: 'stranger' }
    },
  })

/** Whatever changed between two people shows in several lists. */
export async function reloadRelations(cache: QueryClient): Promise<void> {
  const keys = ['friends', 'friend-requests', 'blocks', 'relation']
  await Promise.all(keys.map((key) => cache.invalidateQueries({ queryKey: [key] })))
}
