export interface AuditEventsTable {
  id: string
  at: string
  type: string
  category: string
  /** `success`, `failure` or `denied`. */
  outcome: string
  /** Whether `outcome` is success, for the index. */
  success: number
  /** `http`, `socket`, `cli` or `job`. */
  source: string
  actor_id: string | null
  /** `user`, `api_key`, `system` or `anonymous`. */
  actor_kind: string
  impersonator_id: string | null
  /** Whose security log it belongs to. */
  user_id: string | null
  session_id: string | null
  ip: string | null
  user_agent: string | null
  method: string | null
  path: string | null
  request_id: string | null
  resource_type: string | null
  resource_id: string | null
  /** JSON. */
  detail: string
  retention: string
  keep_until: string
}

export interface MailsTable {
  id: string
  template: string
  locale: string
  to_address: string
  user_id: string | null
  /** The values its words are filled with, encrypted: links among them work. Null once nobody needs them. */
  sealed: string | null
  message_id: string
  /** `pending`, `sending`, `sent`, `dead` or `expired`. */
  status: string
  attempts: number
  /** While it is `sending`: when another worker may take it over. */
  next_attempt_at: string
  /** The claim it is being sent under. */
  lease_id: string | null
  last_error: string | null
  /** Not sent after this: the link in it no longer works. */
  expires_at: string | null
  created_at: string
  sent_at: string | null
}

export interface OneTimeTokensTable {
  id: string
  purpose: string
  /** Whom or what it is for; codes are found by it, and it keeps one token at a time where only the newest counts. */
  subject: string
  token_hash: string
  code_hash: string | null
  attempts_left: number
  /** JSON, encrypted. */
  sealed: string
  expires_at: string
  created_at: string
}

export interface LoginThrottlesTable {
  /** HMAC of a name or address, whether an account has it or not. */
  key: string
  /** Since the last success or the last lock. */
  failures: number
  /** Since the last success. */
  total_failures: number
  locked_until: string | null
  updated_at: string
}

export interface DevicesTable {
  id: string
  user_id: string
  token_hash: string
  user_agent: string
  ip: string
  /** Wrong passwords from this device since its last success. */
  failures: number
  /** Until then no second factor is asked on this device. */
  trusted_until: string | null
  created_at: string
  last_seen_at: string
}

/** Names nobody else may take for a while: of registrations that wait for their proof, and of people who left a name. */
export interface ReservedNamesTable {
  username_key: string
  expires_at: string
  /** Who may take it all the same: the hash of a registering browser's cookie, or a user's id. */
  held_by: string | null
  /** Of a registration: what was typed, whether an account could be made of it or the address was taken. */
  email_key: string | null
  password_hash: string | null
}

export interface TotpCredentialsTable {
  user_id: string
  sealed_secret: string
  confirmed_at: string | null
  /** The newest time step a code was used of: none up to it works again. */
  last_step: number
  created_at: string
}

export interface RecoveryCodesTable {
  user_id: string
  code_hash: string
}

export interface PasskeysTable {
  id: string
  user_id: string
  /** SHA-256 of the credential id, which may be too long for an index. */
  credential_hash: string
  credential_id: string
  public_key: string
  counter: number
  /** Comma list. */
  transports: string
  aaguid: string
  /** Fixed when it was made: whether it may leave its device. */
  backup_eligible: number
  backed_up: number
  name: string
  created_at: string
  last_used_at: string | null
}

export interface IdentitiesTable {
  id: string
  user_id: string
  provider: string
  issuer: string
  subject: string
  email: string | null
  display_name: string | null
  created_at: string
  last_used_at: string | null
}

export interface RolesTable {
  name: string
  description: string
  /** JSON lists. */
  permissions: string
  inherits: string
  created_at: string
  updated_at: string
  version: number
}

export interface ApiKeysTable {
  id: string
  user_id: string
  name: string
  prefix: string
  key_hash: string
  /** JSON lists. */
  scopes: string
  allowed_ips: string
  /** Requests a minute. */
  rate_limit: number | null
  expires_at: string | null
  last_used_at: string | null
  last_used_ip: string | null
  created_by: string
  created_at: string
  updated_at: string
  version: number
}
