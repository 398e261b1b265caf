import type { AtriumClient, Message } from '@atrium/client'
import { ApiError } from '@atrium/client'
import type { Query, QueryClient } from '@tanstack/react-query'
import {
  findConversation,
  unreadAfter,
  withConversation,
  withoutConversation,
  withReadPosition,
  withSharedChange,
} from './conversation-cache.ts'
import { hideMessage, takeMessage, takeReaction } from './message-changes.ts'
import {
  arrivals,
  changeConversations,
  conversationsQuery,
  messagesQuery,
  readConversations,
  readMessages,
} from './queries.ts'
import { forgetOwedPositions, tellOwedPositions } from './read-positions.ts'
import { Deliveries, takeReceipt } from './receipts/receipts.ts'
import { typists } from './typing/typists.ts'

const conversationOf = (stream: string) => (stream.startsWith('conversation:') ? stream.slice(13) : undefined)

/** Writes what the server tells into the cache, from now until the returned function is called. */
export function startLiveUpdates(
  client: AtriumClient,
  cache: QueryClient,
  onArrival: (message: Message) => void,
): () => void {
  const me = client.session.user?.id ?? ''
  const abort = new AbortController()

  /** Takes in a message that is new here, whichever way it came. */
  function receive(message: Message): void {
    takeMessage(cache, message, me)
    if (!findConversation(readConversations(cache), message.conversation_id)) void load(message.conversation_id)
  }

  /** A conversation beyond the loaded part of the list has become interesting. */
  async function load(id: string): Promise<void> {
    try {
      const conversation = await client.conversations.get(id)
      changeConversations(cache, (pages) => withConversation(pages, conversation))
    } catch {
      // It will be in the list when that is loaded the next time.
    }
  }

  function readUpTo(id: string, seq: number): void {
    const conversation = findConversation(readConversations(cache), id)
    if (!conversation || seq === conversation.last_read_seq) return
    // It was set back: only the server knows how much that makes unread.
    if (seq < conversation.last_read_seq) return void load(id)
    const unread = unreadAfter(conversation, seq, readMessages(cache, id))
    if (unread === undefined) return void load(id)
    changeConversations(cache, (pages) => withReadPosition(pages, id, { last_read_seq: seq, unread_count: unread }))
  }

  function drop(id: string): void {
    changeConversations(cache, (pages) => withoutConversation(pages, id))
    cache.removeQueries({ queryKey: ['conversation', id] })
    for (const kind of ['messages', 'thread', 'message', 'pins', 'receipts'])
      cache.removeQueries({ queryKey: [kind, id] })
  }

  const deliveries = new Deliveries((conversation_id, seq) =>
    client.live.send('message.delivered', { conversation_id, seq }),
  )
  const reload = createReload(cache, abort.signal)
  const stops = [
    client.live.on('message.created', ({ data }) => {
      receive(data)
      if (data.sender.id === me) return
      deliveries.add(data.conversation_id, data.seq)
      onArrival(data)
    }),
    client.live.on('message.updated', ({ data }) => receive(data)),
    client.live.on('message.deleted', ({ stream, data }) => {
      // In one's own stream: deleted for this person only, and nothing of it is shown any more.
      if (stream.startsWith('user:')) hideMessage(cache, data)
      else receive(data)
    }),
    client.live.on('message.reaction', ({ data }) => takeReaction(cache, data, me)),
    client.live.on('message.receipt', ({ data }) => {
      if (data.user_id === me) readUpTo(data.conversation_id, data.read_seq)
    }),
    client.live.onEphemeral('message.receipt', (data) => takeReceipt(cache, data)),
    client.live.onEphemeral('typing', (data) => typists.tell(data)),
    client.live.on('conversation.created', ({ data }) =>
      changeConversations(cache, (pages) => withConversation(pages, data)),
    ),
    client.live.on('conversation.updated', ({ data }) =>
      changeConversations(cache, (pages) =>
        'my_role' in data ? withConversation(pages, data) : withSharedChange(pages, data),
      ),
    ),
    client.live.on('conversation.member', ({ data }) => load(data.conversation_id)),
    client.live.on('conversation.removed', ({ data }) => drop(data.conversation_id)),
    client.live.onStreams({
      added: (stream) => reload(stream, 'refresh'),
      reset: (stream) => reload(stream, 'drop'),
      removed: (stream) => {
        const id = conversationOf(stream)
        if (id) drop(id)
      },
    }),
    client.outbox.onSent(receive),
    client.live.subscribe((state) => {
      if (state !== 'live') return
      // The server answers again: what could not be told or loaded meanwhile is tried once more without being asked.
      tellOwedPositions()
      void cache.fetchInfiniteQuery(conversationsQuery).then(
        (pages) => deliveries.addAll(pages),
        () => {},
      )
      void cache.invalidateQueries({ queryKey: ['receipts'] })
      void cache.refetchQueries({ type: 'active', predicate: hasFailed })
    }),
  ]
  return () => {
    abort.abort()
    deliveries.stop()
    typists.clear()
    arrivals.clear()
    forgetOwedPositions()
    for (const stop of stops) stop()
  }
}

const hasFailed = (query: Query) => query.state.status === 'error'

type How = 'refresh' | 'drop'

/** Loads the list and the open conversations anew: once for all streams that ask for it at the same moment. */
function createReload(cache: QueryClient, signal: AbortSignal): (stream: string, how: How) => Promise<void> {
  let wanted = new Map<string, How>()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve))
    const streams = wanted
    wanted = new Map()
    running = undefined
    const isReset = [...streams.values()].includes('drop')
    if (isReset) arrivals.clear()
    await untilLoaded(async () => {
      const list = { queryKey: conversationsQuery.queryKey }
      await (isReset ? cache.resetQueries(list, strict) : cache.refetchQueries(list, strict))
      for (const stream of streams.keys()) {
        const id = conversationOf(stream)
        if (!id) continue
        const messages = { queryKey: messagesQuery(id).queryKey }
        cache.removeQueries({ ...messages, type: 'inactive' })
        await (isReset ? cache.resetQueries(messages, strict) : cache.refetchQueries(messages, strict))
      }
    }, signal)
  }

  return (stream, how) => {
    wanted.set(stream, how)
    running ??= run()
    return running
  }
}

const strict = { throwOnError: true }

const firstPauseMs = 2_000
const longestPauseMs = 30_000

/** Events of these streams wait for this, so it does not give up while the server is only away. */
async function untilLoaded(load: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await load()
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) return
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
