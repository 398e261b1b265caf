export interface NotificationsTable {
  id: string
  user_id: string
  type: string
  /** Who did it; null where nobody in particular did. */
  actor_id: string | null
  target_type: string | null
  target_id: string | null
  /** A path of the web app. */
  target_url: string | null
  /** JSON of ids only, never content: the words are made when it is read. */
  data: string
  /** Whether `read_at` is null, for the index. */
  unread: number
  read_at: string | null
  /** When a mail may tell of it; null where none will, or has. */
  mail_due_at: string | null
  mailed_at: string | null
  created_at: string
}

/** No row: everything as by default. */
export interface NotificationPreferencesTable {
  user_id: string
  /** JSON: what differs from the defaults, by type and channel. */
  types: string
  /** JSON of start, end and time zone. */
  quiet_hours: string | null
  /** `off`, `hourly` or `daily`. */
  digest: string
  /** Whether pushes carry text of messages. */
  push_previews: number
  updated_at: string
}

/** When each person was last mailed what they had not read. */
export interface NotificationDigestsTable {
  user_id: string
  mailed_at: string
}

export interface PushSubscriptionsTable {
  id: string
  user_id: string
  /** Nothing is pushed to a browser whose session has ended. */
  session_id: string
  endpoint: string
  endpoint_hash: string
  /** The browser's public key and secret, base64url (RFC 8291). */
  p256dh: string
  auth: string
  user_agent: string
  created_at: string
}
