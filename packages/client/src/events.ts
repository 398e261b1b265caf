import type { Conversation, Message, Receipt, User } from './types.ts'

/** What `data` of each durable event holds. */
export interface EventData {
  'message.created': Message
  'message.receipt': Receipt
  'conversation.created': Conversation
  'account.updated': User
  // Named by the API; this version's server does not send them yet.
  'message.updated': Message
  'message.deleted': Message
  'conversation.updated': Conversation
  'conversation.member': { conversation_id: string; user_id: string }
  'conversation.removed': { conversation_id: string }
}

export type EventType = keyof EventData

/** A durable event as handlers get it. Repeats are never handed on; `seq` of a stream grows by one, without holes. */
export interface LiveEvent<Type extends EventType = EventType> {
  /** `conversation:<id>` or `user:<id>`. */
  stream: string
  seq: number
  type: Type
  at: string
  data: EventData[Type]
}

export type EventHandler<Type extends EventType> = (event: LiveEvent<Type>) => void | Promise<void>

/**
 * What the app does when the set of its streams changes. Later events of a stream wait for the promise that `added`
 * and `reset` return: load by REST what you show of it, then resolve.
 */
export interface StreamHandlers {
  /** New to this client: everything up to `head` comes by REST, everything after it as events. */
  added?: (stream: string, head: number) => void | Promise<void>
  /** What is held of this stream is worth nothing any more: drop it and load it anew. */
  reset?: (stream: string, head: number) => void | Promise<void>
  /** No longer readable: drop it. */
  removed?: (stream: string) => void | Promise<void>
}

export type LiveState = 'offline' | 'connecting' | 'syncing' | 'live'
