import type { Conversation, Message } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { infiniteQueryOptions, type QueryClient, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { client } from '../../app/client.ts'
import { queryClient } from '../../app/query-client.ts'
import {
  type ConversationPages,
  conversationsOf,
  findConversation,
  newerOf,
  unreadTotal,
  withConversation,
} from './conversation-cache.ts'
import { Arrivals, type MessagePages, messagesOf, withArrivals } from './message-cache.ts'

const pageSize = 40

/** Messages that came by events, for pages that were on their way meanwhile. */
export const arrivals = new Arrivals()

/** They stand on top, however long ago something was written in them. */
const pinnedOnes = { params: { query: { pinned: true, limit: 100 } } } as const

export const conversationsQuery = infiniteQueryOptions({
  queryKey: ['conversations'],
  queryFn: async ({ pageParam, client: cache }) => {
    const [list, pinned] = await Promise.all([
      client.conversations.list(pageParam ?? undefined),
      pageParam === null ? client.api.GET('/api/v1/conversations', pinnedOnes) : undefined,
    ])
    const known = readConversations(cache)
    const data = [...(pinned?.data ?? []), ...list.data]
    return { ...list, data: data.map((each) => newerOf(findConversation(known, each.id), each)) }
  },
  initialPageParam: null as string | null,
  getNextPageParam: ({ page }) => (page.has_more ? page.next_cursor : null),
})

export const messagesQuery = (conversationId: string) =>
  infiniteQueryOptions({
    queryKey: ['messages', conversationId],
    queryFn: async ({ pageParam }) => {
      if (pageParam !== null)
        return client.conversations.messages(conversationId, { before: pageParam, limit: pageSize })
      const newest = await client.conversations.messages(conversationId, { limit: pageSize })
      return withArrivals(newest, arrivals.of(conversationId))
    },
    initialPageParam: null as number | null,
    getNextPageParam: ({ data, page }) => (page.has_more ? (data.at(-1)?.seq ?? null) : null),
  })

/** For a conversation that is on none of the loaded pages of the list: opened by its address. */
const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: async () => {
      const conversation = await client.conversations.get(id)
      changeConversations(queryClient, (pages) => withConversation(pages, conversation))
      return conversation
    },
  })

export const readConversations = (cache: QueryClient): ConversationPages | undefined =>
  cache.getQueryData(conversationsQuery.queryKey)

export const readMessages = (cache: QueryClient, conversationId: string): Message[] =>
  messagesOf(cache.getQueryData(messagesQuery(conversationId).queryKey))

export function changeConversations(cache: QueryClient, change: (pages: ConversationPages) => ConversationPages): void {
  cache.setQueryData(conversationsQuery.queryKey, (pages) => pages && change(pages))
}

export function changeMessages(cache: QueryClient, id: string, change: (pages: MessagePages) => MessagePages): void {
  cache.setQueryData(messagesQuery(id).queryKey, (pages) => pages && change(pages))
}

export function useConversations() {
  const query = useInfiniteQuery(conversationsQuery)
  const conversations = useMemo(() => conversationsOf(query.data), [query.data])
  return { ...query, conversations }
}

export const useUnreadTotal = (): number => useInfiniteQuery({ ...conversationsQuery, select: unreadTotal }).data ?? 0

export interface ConversationState {
  conversation: Conversation | undefined
  error: unknown
  isGone: boolean
  retry: () => void
}

export function useConversation(id: string): ConversationState {
  const list = useInfiniteQuery(conversationsQuery)
  const listed = findConversation(list.data, id)
  const single = useQuery({ ...conversationQuery(id), enabled: !listed && !list.isPending })
  const error = listed ? null : (single.error ?? (list.data ? null : list.error))
  return {
    conversation: listed ?? single.data,
    error,
    isGone: error instanceof ApiError && [400, 403, 404, 422].includes(error.status),
    retry: () => void (list.data ? single.refetch() : list.refetch()),
  }
}

export function useMessages(conversationId: string) {
  const query = useInfiniteQuery(messagesQuery(conversationId))
  const messages = useMemo(() => messagesOf(query.data), [query.data])
  return { ...query, messages }
}
