/** Who is calling, resolved once at the door; services decide by it and nothing else. */
export interface Actor {
  userId: string
  sessionId: string
  roles: readonly string[]
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
