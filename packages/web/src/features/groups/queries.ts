import type { Invite, List, Member } from '@atrium/client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

const next = ({ page }: List<unknown>) => (page.has_more ? (page.next_cursor ?? undefined) : undefined)
const first = undefined as string | undefined
const from = (cursor: string | undefined) => ({ limit: 50, ...(cursor ? { cursor } : {}) })

/** All members whatever was searched for among them. */
export const membersKey = (id: string) => ['members', id] as const

/** Those whose names begin so; all without it. */
export const membersQuery = (id: string, search = '') =>
  infiniteQueryOptions({
    queryKey: [...membersKey(id), search],
    queryFn: ({ pageParam }): Promise<List<Member>> => {
      const query = { ...from(pageParam), ...(search ? { search } : {}) }
      return client.api.GET('/api/v1/conversations/{id}/members', { params: { path: { id }, query } })
    },
    initialPageParam: first,
    getNextPageParam: next,
  })

/** A few, for who is typing a name. */
export const membersNamedQuery = (id: string, search: string) =>
  queryOptions({
    queryKey: [...membersKey(id), 'named', search],
    queryFn: async () => {
      const query = { limit: 20, search }
      const { data } = await client.api.GET('/api/v1/conversations/{id}/members', { params: { path: { id }, query } })
      return data.map(({ user }) => user)
    },
    staleTime: 30_000,
  })

export const memberBansQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['member-bans', id],
    queryFn: ({ pageParam }) =>
      client.api.GET('/api/v1/conversations/{id}/bans', { params: { path: { id }, query: from(pageParam) } }),
    initialPageParam: first,
    getNextPageParam: next,
  })

export const invitesQuery = (id: string) =>
  queryOptions({
    queryKey: ['invites', id],
    queryFn: async (): Promise<Invite[]> =>
      (await client.api.GET('/api/v1/conversations/{id}/invites', { params: { path: { id } } })).data,
  })

export const channelsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['channels', search],
    queryFn: ({ pageParam }) =>
      client.api.GET('/api/v1/channels', { params: { query: { ...from(pageParam), ...(search ? { search } : {}) } } }),
    initialPageParam: first,
    getNextPageParam: next,
    staleTime: 15_000,
  })
