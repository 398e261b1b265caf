/** What was done for a request with an Idempotency-Key, or is being done. */
export interface IdempotencyKeysTable {
  /** SHA-256 of principal, method, path and key. */
  id: string
  user_id: string
  /** SHA-256 of what else makes a request the same one: query, body, conditions. */
  fingerprint: string
  /** Whoever does it; after `lease_until` another one may. */
  holder: string
  lease_until: string
  /** Of the answer; null while there is none. */
  status: number | null
  /** JSON of the headers that are answered again. */
  headers: string | null
  /** Null where the answer is not to be repeated. */
  body: string | null
  created_at: string
}
