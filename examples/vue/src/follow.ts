import type { Conversation, Message, Unsubscribe } from '@atrium/client'
import { onScopeDispose, type Ref, ref, type ShallowRef, shallowRef } from 'vue'
import { client, wordsOf } from './client.ts'

/** What the client knows, as something Vue follows; let go of with the component that asked. */
function followed<Value>(subscribe: (tell: () => void) => Unsubscribe, read: () => Value): ShallowRef<Value> {
  const value = shallowRef(read())
  onScopeDispose(
    subscribe(() => {
      value.value = read()
    }),
  )
  return value
}

export const followSession = () =>
  followed(
    (tell) => client.session.subscribe(tell),
    () => client.session.state,
  )
export const followLiveState = () =>
  followed(
    (tell) => client.live.subscribe(tell),
    () => client.live.state,
  )
/** Messages on their way: they are kept over reloads, and sent once. */
export const followPending = (id: string) =>
  followed(
    (tell) => client.outbox.subscribe(tell),
    () => client.outbox.pending(id),
  )

export interface Loaded<Value> {
  /** Absent until it has come. */
  value: ShallowRef<Value | undefined>
  failure: Ref<string>
  load(): Promise<void>
}

/** The newest conversations. Whatever happens, the server says how the list is now: once for all that came meanwhile. */
export function followConversations(): Loaded<readonly Conversation[]> {
  const value = shallowRef<readonly Conversation[]>()
  const failure = ref('')
  let wanted = 0

  async function load(): Promise<void> {
    wanted += 1
    if (wanted > 1) return
    for (let seen = 0; seen !== wanted; ) {
      seen = wanted
      try {
        value.value = (await client.conversations.list()).data
        failure.value = ''
      } catch (error) {
        failure.value = wordsOf(error)
      }
    }
    wanted = 0
  }

  const again = () => void load()
  const messages = ['message.created', 'message.updated', 'message.deleted', 'message.receipt'] as const
  const conversations = ['conversation.created', 'conversation.updated', 'conversation.removed'] as const
  for (const type of [...messages, ...conversations]) onScopeDispose(client.live.on(type, again))
  onScopeDispose(client.live.onStreams({ added: again, reset: again, removed: again }))
  again()
  return { value, failure, load }
}

/** The newest messages of a conversation, oldest first, and what becomes of them. */
export function followMessages(id: string): Loaded<readonly Message[]> {
  const value = shallowRef<readonly Message[]>()
  const failure = ref('')
  const stream = `conversation:${id}`
  const known = new Map<number, Message>()

  /** The same message comes by more than one way; of two, the higher version is the newer. */
  function take(found: readonly Message[]): void {
    for (const message of found) {
      if (message.conversation_id !== id) continue
      if (message.version >= (known.get(message.seq)?.version ?? 0)) known.set(message.seq, message)
    }
    value.value = [...known.values()].sort((one, other) => one.seq - other.seq)
  }

  async function load(): Promise<void> {
    try {
      take((await client.conversations.messages(id, { limit: 50 })).data)
      failure.value = ''
    } catch (error) {
      failure.value = wordsOf(error)
    }
  }

  for (const type of ['message.created', 'message.updated', 'message.deleted'] as const)
    onScopeDispose(client.live.on(type, ({ data }) => take([data])))
  onScopeDispose(client.outbox.onSent((message) => take([message])))
  onScopeDispose(
    client.live.onStreams({
      added: (name) => (name === stream ? load() : undefined),
      // What is held is worth nothing any more: away for too long, say.
      reset: (name) => {
        if (name !== stream) return
        known.clear()
        return load()
      },
    }),
  )
  void load()
  return { value, failure, load }
}
