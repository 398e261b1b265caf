import type { Conversation, Message } from '@atrium/client'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { client, wordsOf } from './client.ts'

const onSession = (tell: () => void) => client.session.subscribe(tell)
const onLive = (tell: () => void) => client.live.subscribe(tell)
const onOutbox = (tell: () => void) => client.outbox.subscribe(tell)

export const useSession = () => useSyncExternalStore(onSession, () => client.session.state)
export const useLiveState = () => useSyncExternalStore(onLive, () => client.live.state)
/** Messages on their way: they are kept over reloads, and sent once. */
export const usePending = (id: string) => useSyncExternalStore(onOutbox, () => client.outbox.pending(id))

/** The newest conversations. Whatever happens, the server says how the list is now: once for all that came meanwhile. */
export function useConversations() {
  const [conversations, setConversations] = useState<readonly Conversation[]>()
  const [failure, setFailure] = useState('')
  const wanted = useRef(0)
  const load = useCallback(async () => {
    wanted.current += 1
    if (wanted.current > 1) return
    for (let seen = 0; seen !== wanted.current; ) {
      seen = wanted.current
      await client.conversations.list().then(
        ({ data }) => {
          setConversations(data)
          setFailure('')
        },
        (error) => setFailure(wordsOf(error)),
      )
    }
    wanted.current = 0
  }, [])

  useEffect(() => {
    const again = () => void load()
    const types = ['message.created', 'message.updated', 'message.deleted', 'message.receipt'] as const
    const others = ['conversation.created', 'conversation.updated', 'conversation.removed'] as const
    const stops = [...types, ...others].map((type) => client.live.on(type, again))
    stops.push(client.live.onStreams({ added: again, reset: again, removed: again }))
    again()
    return () => stops.forEach((stop) => void stop())
  }, [load])
  return { conversations, failure, load }
}

/** The newest messages of a conversation, oldest first, and what becomes of them. */
export function useMessages(id: string) {
  const [messages, setMessages] = useState<readonly Message[]>()
  const [failure, setFailure] = useState('')
  const load = useRef(async () => {})

  useEffect(() => {
    const stream = `conversation:${id}`
    const known = new Map<number, Message>()
    /** The same message comes by more than one way; of two, the higher version is the newer. */
    const take = (found: readonly Message[]) => {
      for (const message of found) {
        if (message.conversation_id !== id) continue
        if (message.version >= (known.get(message.seq)?.version ?? 0)) known.set(message.seq, message)
      }
      setMessages([...known.values()].sort((one, other) => one.seq - other.seq))
      setFailure('')
    }
    load.current = () =>
      client.conversations.messages(id, { limit: 50 }).then(
        ({ data }) => take(data),
        (error) => setFailure(wordsOf(error)),
      )
    const types = ['message.created', 'message.updated', 'message.deleted'] as const
    const stops = types.map((type) => client.live.on(type, ({ data }) => take([data])))
    stops.push(client.outbox.onSent((message) => take([message])))
    stops.push(
      client.live.onStreams({
        added: (name) => (name === stream ? load.current() : undefined),
        // What is held is worth nothing any more: away for too long, say.
        reset: (name) => {
          if (name !== stream) return
          known.clear()
          return load.current()
        },
      }),
    )
    void load.current()
    return () => stops.forEach((stop) => void stop())
  }, [id])
  return { messages, failure, load: () => load.current() }
}
