/** Proof that an event is as it was written: made of it, and of the seal before. */
export interface AuditSealsTable {
  event_id: string
  /** From 1 without a gap; null until it is sealed, as is everything after. */
  position: number | null
  keep_until: string | null
  /** Gone with what they hide: then the hashes beside them say nothing of it any more. */
  origin_salt: string | null
  /** Of the address and the user agent. */
  origin_hash: string | null
  detail_salt: string | null
  detail_hash: string | null
  /** Of all that is not emptied when a person is erased. */
  row_hash: string | null
  hash: string | null
}

/** One row, `head`: where the chain ends. Whoever makes it longer has it locked. */
export interface AuditChainTable {
  id: string
  position: number
  hash: string
  /** By a key that is not in the database. */
  signature: string | null
}
