/** Two rows for each friendship, one for either side, so that one index answers for both. */
export interface FriendshipsTable {
  user_id: string
  friend_id: string
  since: string
}

export interface FriendRequestsTable {
  id: string
  from_id: string
  to_id: string
  /** The two ids, sorted, while it is pending; null afterwards: unique, so that two people have one open request. */
  open_key: string | null
  /** `pending`, `accepted`, `declined` or `withdrawn`. */
  status: string
  created_at: string
  decided_at: string | null
}

export interface BlocksTable {
  blocker_id: string
  blocked_id: string
  created_at: string
}

export interface ReportsTable {
  id: string
  reporter_id: string
  /** `message`, `user` or `conversation`. */
  target_type: string
  target_id: string
  /** Reporter and target while it is open; null afterwards: unique, so that a repeat is the same report. */
  open_key: string | null
  /** Whose conduct it is about, where it is one person's. */
  target_user_id: string | null
  conversation_id: string | null
  /** What the message said when it was reported: its author may take it back, and moderators may not read the rest. */
  excerpt: string | null
  reason: string
  comment: string | null
  /** `open`, `resolved` or `dismissed`. */
  status: string
  note: string | null
  decided_by: string | null
  decided_at: string | null
  created_at: string
  updated_at: string
  version: number
}

export interface BansTable {
  id: string
  /** `user:<id>` or `network:<address>`; unique: one ban each. */
  subject: string
  user_id: string | null
  /** An address or a network (`10.0.0.0/8`), in its one spelling. */
  network: string | null
  reason: string
  created_by: string
  /** When it ends by itself; null: never. */
  until: string | null
  created_at: string
}
