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
