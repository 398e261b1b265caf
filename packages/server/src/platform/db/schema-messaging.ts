import type { Generated } from 'kysely'

export interface ConversationsTable {
  id: string
  /** `direct`, `group` or `channel`. */
  kind: string
  title: string | null
  /** The two user ids of a direct conversation, sorted; unique, null for other kinds. */
  direct_key: string | null
  created_by: string
  /** `number` of the newest message: counts messages only, without holes. */
  last_number: number
  last_message_at: string | null
  created_at: string
  updated_at: string
  version: number
  description: string | null
  /** 1: a channel that everyone may find and join. */
  is_public: Generated<number>
  /** 1: who joins sees what was written before. */
  history_open: Generated<number>
  /** Who may write: `members` or `admins`. */
  posting: Generated<string>
  /** Kept by every change of membership: counting them would cost more with each member. */
  member_count: Generated<number>
  /** 1: somebody has put it into the archive; a direct one comes back with the next message. */
  has_archived: Generated<number>
  /** Nobody's any more; its rows go in batches. */
  deleted_at: string | null
  picture_file_id: string | null
}

export interface ConversationMembersTable {
  conversation_id: string
  user_id: string
  /** `owner`, `admin` or `member`. */
  role: string
  joined_at: string
  /** Events up to this `seq` are not this member's to see. */
  visible_from: number
  last_read_seq: number
  last_read_number: number
  last_read_at: string | null
  /** Every event up to this `seq` has reached a device of theirs. */
  delivered_seq: Generated<number>
  muted_until: string | null
  pinned_at: string | null
  archived_at: string | null
}

export interface MessagesTable {
  id: string
  conversation_id: string
  seq: number
  number: number
  sender_id: string
  client_id: string
  text: string
  edited_at: string | null
  deleted_at: string | null
  created_at: string
  /** Grows with every edit, reaction, pin and deletion: what was never changed has 1. */
  version: number
  /** How the text is to be shown: `plain` or `markdown`. */
  format: Generated<string>
  reply_to_id: string | null
  /** The message that the thread of replies began with. */
  thread_id: string | null
  /** Of a thread's first message. */
  reply_count: Generated<number>
  /** JSON: ids of the members it names, with `all` for everyone; null for none. */
  mentions: string | null
  /** JSON: ids of the files it came with, in their order; null for none. */
  attachments: string | null
}

/** Which message has a file: each is in one only. */
export interface MessageAttachmentsTable {
  file_id: string
  message_id: string
}

/** What a message said before each edit. */
export interface MessageEditsTable {
  message_id: string
  /** Of the message as it was then. */
  version: number
  text: string
  edited_at: string
}

export interface MessageReactionsTable {
  message_id: string
  emoji: string
  user_id: string
  created_at: string
}

/** Who is named where; `all` stands for every member. */
export interface MessageMentionsTable {
  conversation_id: string
  user_id: string
  number: number
  message_id: string
}

/** Deleted for one person only. */
export interface MessageHidesTable {
  user_id: string
  message_id: string
}

export interface MessageSearchTable {
  message_id: string
  /** Search terms: see `messaging/search-terms.ts`. */
  terms: string
}

/** Work on terms of older messages that is not done yet: see `messaging/search-beginnings.ts`. */
export interface MessageSearchProgressTable {
  id: string
  /** Done up to here; null before the first. */
  message_id: string | null
}

export interface ConversationInvitesTable {
  id: string
  conversation_id: string
  code_hash: string
  created_by: string
  max_uses: number | null
  uses: number
  expires_at: string | null
  created_at: string
}

export interface ConversationBansTable {
  conversation_id: string
  user_id: string
  banned_by: string
  created_at: string
}

export interface ConversationPinsTable {
  conversation_id: string
  message_id: string
  pinned_by: string
  created_at: string
}

export interface BookmarksTable {
  user_id: string
  message_id: string
  created_at: string
}
