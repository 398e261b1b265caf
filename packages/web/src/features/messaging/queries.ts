import type { Conversation, Message } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { infiniteQueryOptions, type QueryClient, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { client } from '../../app/client.ts'
import { changeQueries } from '../../app/late-answers.ts'
import { queryClient } from '../../app/query-client.ts'
import {
  type ConversationPages,
  conversationsOf,
  findConversation,
  newerOf,
  unreadTotal,
  withConversation,
} from './conversation-cache.ts'
import {
  Arrivals,
  type MessagePage,
  type MessagePages,
  messagesOf,
  mostPages,
  type PagePlace,
  pageSize,
  withArrivals,
  withKnown,
} from './message-cache.ts'

/** Messages that came by events, for pages that were on their way meanwhile. */
export const arrivals = new Arrivals()

export const conversationsQuery = infiniteQueryOptions({
  queryKey: ['conversations'],
  queryFn: async ({ pageParam, client: cache }) => {
    const isFirst = pageParam === null
    // The pinned ones stand on top, however long ago something was written in them: all with the first page, once each.
    const [list, pinned] = await Promise.all([
      client.conversations.list(pageParam ?? undefined),
      isFirst ? client.conversations.pinned() : undefined,
    ])
    const known = readConversations(cache)
    const data = [...(pinned?.data ?? []), ...list.data.filter((each) => !each.pinned)]
    return { ...list, data: data.map((each) => newerOf(findConversation(known, each.id), each)) }
  },
  initialPageParam: null as string | null,
  getNextPageParam: ({ page }) => (page.has_more ? page.next_cursor : null),
})

export const messagesQuery = (conversationId: string) =>
  infiniteQueryOptions({
    queryKey: ['messages', conversationId],
    queryFn: ({ pageParam, client: cache }) => loadPage(conversationId, pageParam ?? firstPlace(cache, conversationId)),
    initialPageParam: null as PagePlace,
    maxPages: mostPages,
    structuralSharing: (before, after) => withKnown(before as MessagePages | undefined, after as MessagePages),
    getNextPageParam: ({ data, page }): PagePlace | undefined => {
      const oldest = data.at(-1)
      return page.has_more && oldest ? { before: oldest.seq } : undefined
    },
    getPreviousPageParam: ({ data, has_newer }): PagePlace | undefined => {
      const newest = data[0]
      return has_newer && newest ? { after: newest.seq } : undefined
    },
  })

/** From here on reading goes on where it ended, not at the newest message. */
const manyUnread = 30

function firstPlace(cache: QueryClient, id: string): PagePlace {
  const known = findConversation(readConversations(cache), id)
  const isLeftBehind = known !== undefined && known.unread_count > manyUnread && known.last_read_seq > 0
  return isLeftBehind && readMessages(cache, id).length === 0 ? { around: known.last_read_seq } : null
}

/** One page, newest first, with what came by events meanwhile. */
export async function loadPage(conversationId: string, place: PagePlace): Promise<MessagePage> {
  const found = await client.conversations.messages(conversationId, { ...place, limit: pageSize })
  const isAfter = place !== null && 'after' in place
  const page: MessagePage = isAfter
    ? { data: found.data.toReversed(), page: { ...found.page, has_more: true }, has_newer: found.page.has_more }
    : { ...found, has_newer: place !== null }
  return withArrivals(page, arrivals.of(conversationId))
}

/** Shows another part of the conversation instead of the one that is loaded. */
export async function moveWindow(cache: QueryClient, id: string, place: PagePlace): Promise<Message[]> {
  const { queryKey } = messagesQuery(id)
  const page = await loadPage(id, place)
  await cache.cancelQueries({ queryKey })
  cache.setQueryData(queryKey, { pages: [page], pageParams: [place] })
  return messagesOf({ pages: [page], pageParams: [place] })
}

export const threadQuery = (conversationId: string, rootId: string) =>
  infiniteQueryOptions({
    queryKey: ['thread', conversationId, rootId],
    queryFn: async ({ pageParam }): Promise<MessagePage> => {
      const range = { ...(pageParam ?? {}), thread: rootId, limit: pageSize }
      return client.conversations.messages(conversationId, range)
    },
    initialPageParam: null as { before: number } | null,
    getNextPageParam: ({ data, page }) => {
      const oldest = data.at(-1)
      return page.has_more && oldest ? { before: oldest.seq } : undefined
    },
  })

export const messageQuery = (conversationId: string, id: string) =>
  queryOptions({ queryKey: ['message', conversationId, id], queryFn: () => client.messages.get(id) })

export const pinsQuery = (conversationId: string) =>
  queryOptions({ queryKey: ['pins', conversationId], queryFn: () => client.conversations.pins(conversationId) })

export const bookmarksQuery = queryOptions({ queryKey: ['bookmarks'], queryFn: () => client.messages.bookmarks() })

export const receiptsQuery = (conversationId: string) =>
  queryOptions({ queryKey: ['receipts', conversationId], queryFn: () => client.conversations.receipts(conversationId) })

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
  changeQueries(cache, { queryKey: conversationsQuery.queryKey, exact: true }, change)
}

export function changeMessages(cache: QueryClient, id: string, change: (pages: MessagePages) => MessagePages): void {
  changeQueries(cache, { queryKey: messagesQuery(id).queryKey, exact: true }, change)
}

/** Every open thread of a conversation, which shows messages of it too. */
export function changeThreads(cache: QueryClient, id: string, change: (pages: MessagePages) => MessagePages): void {
  changeQueries(cache, { queryKey: ['thread', id] }, change)
}

/** The first message of a thread is held by itself. */
export function changeSingle(
  cache: QueryClient,
  conversationId: string,
  id: string,
  change: (known: Message) => Message,
): void {
  changeQueries(cache, { queryKey: messageQuery(conversationId, id).queryKey, exact: true }, change)
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
