import {
  ApiError,
  type AtriumClient,
  type EventData,
  type EventType,
  type LiveEvent,
  type LiveState,
  type Message,
  NetworkError,
  type StreamHandlers,
} from '@atrium/client'
import { InfiniteQueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { conversationsOf } from './conversation-cache.ts'
import { conversation, list, message, person } from './test-messages.ts'

const answers = vi.hoisted(() => ({
  conversations: { list: vi.fn(), pinned: vi.fn(), get: vi.fn(), messages: vi.fn(), markRead: vi.fn() },
}))
// The client of the page needs a page; what it fetches is decided by each test.
vi.mock('../../app/client.ts', () => ({ client: answers }))

const { queryClient: cache } = await import('../../app/query-client.ts')
const { conversationsQuery, messagesQuery, readConversations, readMessages } = await import('./queries.ts')
const { tellReadPosition } = await import('./read-positions.ts')
const { startLiveUpdates } = await import('./live-updates.ts')

/** The live part of a client, whose events come from the test. */
class ScriptedClient {
  readonly #handlers = new Map<string, (event: LiveEvent) => void | Promise<void>>()
  streams: StreamHandlers = {}
  setState: (state: LiveState) => void = () => {}
  sent: (message: Message) => void = () => {}
  readonly session = { user: { id: 'me' } }
  readonly conversations = answers.conversations
  readonly live = {
    on: (type: string, handler: (event: LiveEvent) => void) => {
      this.#handlers.set(type, handler)
      return () => this.#handlers.delete(type)
    },
    onEphemeral: () => () => {},
    send: async () => ({}),
    subscribe: (listener: (state: LiveState) => void) => {
      this.setState = listener
      return () => {}
    },
    onStreams: (handlers: StreamHandlers) => {
      this.streams = handlers
      return () => {}
    },
  }
  readonly outbox = {
    onSent: (listener: (message: Message) => void) => {
      this.sent = listener
      return () => {}
    },
  }

  emit<Type extends EventType>(type: Type, data: EventData[Type]): void | Promise<void> {
    return this.#handlers.get(type)?.({ stream: 'conversation:c1', seq: 1, type, at: '', data })
  }
}

const arrived = vi.fn()
let client: ScriptedClient
let stops: (() => void)[]

beforeEach(async () => {
  vi.clearAllMocks()
  answers.conversations.list.mockImplementation(async () => list([conversation('c1', { last_message: message(2) })]))
  answers.conversations.pinned.mockImplementation(async () => list([]))
  answers.conversations.messages.mockImplementation(async () => list([message(2), message(1)]))
  client = new ScriptedClient()
  stops = [startLiveUpdates(client as unknown as AtriumClient, cache, arrived)]
  stops.push(new InfiniteQueryObserver(cache, conversationsQuery).subscribe(() => {}))
  stops.push(new InfiniteQueryObserver(cache, messagesQuery('c1')).subscribe(() => {}))
  await vi.waitFor(() => expect(readMessages(cache, 'c1')).toHaveLength(2))
})
afterEach(() => {
  for (const stop of stops) stop()
  cache.clear()
})

const numbers = () => readMessages(cache, 'c1').map(({ number }) => number)
const first = () => readConversations(cache)?.pages[0]?.data[0]

it('keeps a message that comes while older ones are loaded', async () => {
  answers.conversations.messages.mockImplementationOnce(async () => ({
    data: [message(2)],
    page: { has_more: true, next_cursor: null },
  }))
  await cache.resetQueries({ queryKey: messagesQuery('c1').queryKey })
  const older = Promise.withResolvers<unknown>()
  answers.conversations.messages.mockImplementationOnce(() => older.promise)
  const observer = new InfiniteQueryObserver(cache, messagesQuery('c1'))
  stops.push(observer.subscribe(() => {}))
  const loaded = observer.fetchNextPage()
  await client.emit('message.created', message(3))
  older.resolve(list([message(1)]))
  await loaded
  expect(numbers()).toEqual([1, 2, 3])
})

it('shows a message in the conversation and in the list, whichever way it comes first', async () => {
  await client.emit('message.created', message(3))
  expect(numbers()).toEqual([1, 2, 3])
  expect(first()).toMatchObject({ unread_count: 1, last_message: { id: 'm3' } })
  expect(arrived).toHaveBeenCalledOnce()

  const own = message(4, 'me')
  client.sent(own)
  await client.emit('message.created', own)
  expect(numbers()).toEqual([1, 2, 3, 4])
  expect(first()).toMatchObject({ unread_count: 0, last_message: { id: 'm4' } })
  expect(arrived).toHaveBeenCalledOnce()
})

it('takes over how far another tab has read, and nobody else’s position', async () => {
  await client.emit('message.created', message(3))
  await client.emit('message.created', message(4))
  const receipt = { conversation_id: 'c1', user_id: 'anna', delivered_seq: 9, read_seq: message(4).seq, at: null }
  await client.emit('message.receipt', receipt)
  expect(first()?.unread_count).toBe(2)
  await client.emit('message.receipt', { ...receipt, user_id: 'me', read_seq: message(3).seq })
  expect(first()?.unread_count).toBe(1)
  await client.emit('message.receipt', { ...receipt, user_id: 'me' })
  expect(first()?.unread_count).toBe(0)
})

it('fetches a conversation that is not in the loaded part of the list', async () => {
  answers.conversations.get.mockResolvedValue(conversation('c9', { unread_count: 5, members_preview: [person('zoe')] }))
  await client.emit('message.created', message(7, 'zoe', { conversation_id: 'c9' }))
  await vi.waitFor(() => expect(readConversations(cache)?.pages[0]?.data.map(({ id }) => id)).toContain('c9'))
})

it('loads once for many streams that are new at the same moment, and lets their events wait', async () => {
  answers.conversations.list.mockClear()
  answers.conversations.messages.mockImplementation(async () => list([message(3), message(2), message(1)]))
  const added = async (stream: string) => client.streams.added?.(stream, 3)
  await Promise.all(['user:me', 'conversation:c1', 'conversation:c2'].map(added))
  expect(answers.conversations.list).toHaveBeenCalledOnce()
  expect(numbers()).toEqual([1, 2, 3])
})

it('drops what it holds when a stream begins anew', async () => {
  await client.emit('message.created', message(3))
  answers.conversations.list.mockImplementation(async () => list([conversation('c1', { last_message: message(1) })]))
  answers.conversations.messages.mockImplementation(async () => list([message(1)]))
  await client.streams.reset?.('conversation:c1', 1)
  expect(numbers()).toEqual([1])
  expect(first()?.last_message?.id).toBe('m1')
})

it('forgets a conversation that may no longer be read', async () => {
  await client.streams.removed?.('conversation:c1')
  expect(first()).toBeUndefined()
  expect(cache.getQueryData(messagesQuery('c1').queryKey)).toBeUndefined()
})

it('tries again what had failed as soon as the server is back', async () => {
  const refused = { type: '', title: '', status: 403, detail: '', instance: '', code: 'forbidden', request_id: '' }
  answers.conversations.messages.mockRejectedValueOnce(new ApiError(refused))
  await cache.resetQueries({ queryKey: messagesQuery('c1').queryKey })
  expect(cache.getQueryState(messagesQuery('c1').queryKey)?.status).toBe('error')
  client.setState('live')
  await vi.waitFor(() => expect(numbers()).toEqual([1, 2]))
})

it('tells how far somebody has read once the server is back', async () => {
  answers.conversations.markRead.mockRejectedValueOnce(new NetworkError(new Error('gone'))).mockResolvedValue({})
  tellReadPosition('c1', 3)
  tellReadPosition('c1', 2)
  await vi.waitFor(() => expect(answers.conversations.markRead).toHaveBeenCalledTimes(2))
  client.setState('live')
  expect(answers.conversations.markRead).toHaveBeenLastCalledWith('c1', 3)
})

it('does not lose a message that comes while its page is being fetched', async () => {
  let answer = (_page: ReturnType<typeof list<Message>>) => {}
  answers.conversations.messages.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
  const refetched = cache.refetchQueries({ queryKey: messagesQuery('c1').queryKey })
  await client.emit('message.created', message(3))
  answer(list([message(2), message(1)]))
  await refetched
  expect(numbers()).toEqual([1, 2, 3])
})

it('holds a pinned conversation once, so that what is told of it shows', async () => {
  const pinned = conversation('c1', { last_message: message(2), pinned: true })
  answers.conversations.pinned.mockImplementation(async () => list([pinned]))
  answers.conversations.list.mockImplementation(async () => list([pinned, conversation('c2')]))
  await cache.resetQueries({ queryKey: conversationsQuery.queryKey })
  expect(readConversations(cache)?.pages[0]?.data.map(({ id }) => id)).toEqual(['c1', 'c2'])
  await client.emit('message.created', message(3))
  expect(conversationsOf(readConversations(cache))[0]).toMatchObject({ id: 'c1', unread_count: 1 })
})
