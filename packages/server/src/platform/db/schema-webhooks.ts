export interface WebhooksTable {
  id: string
  name: string
  url: string
  /** JSON of the types it is told of; `["*"]`: all. */
  events: string
  /** 1: successes only; 0: what failed or was denied; null: either. */
  success: number | null
  /** What its messages are signed with, encrypted. */
  sealed_secret: string
  /** The one before, which signs too until then. */
  old_sealed_secret: string | null
  old_secret_until: string | null
  enabled: number
  /** Why it was switched off by itself. */
  disabled_reason: string | null
  /** Of the audit log's chain: it was told everything up to here. */
  position: number
  created_at: string
  updated_at: string
  version: number
}

/** One event for one webhook. What it says is read from the event when it is sent, so that nothing is kept twice. */
export interface WebhookDeliveriesTable {
  id: string
  webhook_id: string
  /** Of the audit log; null for a test. */
  event_id: string | null
  type: string
  /** `pending`, `sending`, `delivered` or `dead`. */
  status: string
  attempts: number
  /** While it is being sent: when another process may take it over. */
  next_attempt_at: string
  lease_id: string | null
  response_status: number | null
  last_error: string | null
  created_at: string
  delivered_at: string | null
}
