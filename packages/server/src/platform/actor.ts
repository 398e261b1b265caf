/** Who is calling, resolved once at the door; services decide by it and nothing else. */
export interface Actor {
  /** A person in a session, or a program with an API key of a person or a service account. */
  kind: 'user' | 'api_key'
  userId: string
  /** The session, or the API key, the caller came with. */
  sessionId: string
  roles: readonly string[]
  /** What the roles grant, as `resource:action`, `resource:*` or `*`. */
  permissions: readonly string[]
  /** An API key grants no more than these; undefined: no further limit. */
  scopes?: readonly string[]
  /** What an API key may use of its owner's budget of requests; undefined: all of it. */
  requestsPerMinute?: number | undefined
  /** `deletion_pending` may look at the account, restore it and leave. */
  status: 'active' | 'deletion_pending'
  /** A second factor is demanded and this session has none yet: only enrolling one is open. */
  mfaOwed: boolean
  /** The administrator behind the session, where one acts as somebody else. */
  impersonatorId: string | null
  /** When this session last proved who it is, in seconds since 1970 (step-up). */
  authTime: number
  /** Authenticator assurance: 1 one factor, 2 two factors. */
  aal: 1 | 2
}

/** What is known of the client besides its credentials. */
export interface ClientInfo {
  /** Canonical address of the peer, behind trusted proxies the client's. */
  ip: string
  userAgent: string
}
