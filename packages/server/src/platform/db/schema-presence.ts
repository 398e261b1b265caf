/** What somebody says of being there, and when they were there last. No row: online while connected, never seen. */
export interface PresenceTable {
  user_id: string
  /** `online`, `away`, `dnd` or `offline`, which means invisible. */
  state: string
  text: string | null
  /** After this, `state` and `text` no longer count. */
  until: string | null
  last_seen_at: string | null
}

/** Processes with connected people. One that is dead leaves its row; it counts while its beat is fresh. */
export interface PresenceInstancesTable {
  id: string
  /** Milliseconds since 1970 by the database's clock. */
  beat_at: number
}

/** Who is connected to which process: one row, however many sockets. */
export interface PresenceConnectionsTable {
  user_id: string
  instance_id: string
}
