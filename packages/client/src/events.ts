import type {
  Conversation,
  FriendRequest,
  MemberChange,
  Message,
  MessageReaction,
  Notification,
  NotificationsRead,
  Presence,
  PublicUser,
  Receipt,
  SharedConversation,
  StoredFile,
  User,
} from './types.ts'

/** What `data` of each durable event holds. */
export interface EventData {
  'message.created': Message
  /** Edited, pinned or unpinned; in a thread's first message also one more reply. */
  'message.updated': Message
  /** Without its words. In a `user:` stream: deleted for this person only. */
  'message.deleted': Message
  'message.reaction': MessageReaction
  'message.receipt': Receipt
  'conversation.created': Conversation
  /** In the conversation's stream what all share, in a `user:` stream one's own view. */
  'conversation.updated': Conversation | SharedConversation
  'conversation.member': MemberChange
  'conversation.removed': { conversation_id: string }
  'notification.created': Notification
  'notification.read': NotificationsRead
  'friend_request.created': FriendRequest
  'friend_request.accepted': FriendRequest
  /** Turned down, or taken back by whoever asked: `status` says which. */
  'friend_request.declined': FriendRequest
  'friend.removed': { user_id: string; user: PublicUser }
  /** For the other devices of whoever blocked. */
  'block.changed': { user_id: string; user: PublicUser; blocked: boolean }
  'account.updated': User
  /** One of one’s own that can be used now, from whichever device it came. */
  'file.ready': StoredFile
}

export type EventType = keyof EventData

/** A row that came, changed or went, as far as this person sees it. */
export interface DataChange {
  table: string
  /** `delete` also for a row that is no longer seen. */
  action: 'insert' | 'update' | 'delete'
  /** As it stands in the address of the row. */
  key: string
  /** The row as it is now; absent with `delete`. */
  record?: Record<string, unknown>
  /** With `update`: the columns that have another value. */
  changed: string[]
  /** The place after this change, to go on from after an interruption. */
  cursor: string
}

/** What is told once and kept nowhere. */
export interface EphemeralData {
  typing: { conversation_id: string; user_id: string; on: boolean }
  /** How far another member has come. */
  'message.receipt': Receipt
  'presence.changed': Presence
  /** To whoever asked for it by `data.subscribe`. */
  'data.changed': DataChange & { subscription_id: string }
  /** What is held of this subscription is worth nothing any more: load it anew. */
  'data.reset': { subscription_id: string; table: string; cursor: string }
  /** The table is closed to this person now. */
  'data.ended': { subscription_id: string; table: string; reason: string }
  /** To moderators: the queue of reports, or the list of bans, is another one now. */
  'moderation.changed': { what: 'report' | 'ban'; id: string }
  /** To everybody, when something is announced; `GET /announcements` answers all of them. */
  'system.notice': {
    id: string
    level: 'info' | 'warning' | 'critical'
    text: string
    until: string | null
    dismissible: boolean
    version: number
  }
  /** To everybody: what is announced is something else now. */
  'announcements.changed': Record<string, never>
  /** To administrators who may see it: this list is another one now. */
  'admin.changed': {
    what: 'sessions' | 'jobs' | 'settings' | 'files' | 'cache' | 'backups' | 'announcements'
  }
}

export type EphemeralType = keyof EphemeralData

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
