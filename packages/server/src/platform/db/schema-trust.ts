/** What was erased with an account, told without anything of the person. */
export interface ErasuresTable {
  user_id: string
  erased_at: string
  /** JSON, as it was hashed. */
  receipt: string
  /** SHA-256 of `receipt`; the audit event carries it too, and is sealed with it. */
  sha256: string
  signature: string
  /** The `user_deleted` of the audit log. */
  event_id: string
}

/** What somebody's browser found out about itself and the way to here, and its person sent. */
export interface BrowserReportsTable {
  id: string
  /** null: nobody was signed in. */
  user_id: string | null
  user_agent: string
  comment: string | null
  /** JSON of `Finding[]`. */
  findings: string
  created_at: string
}
