/** What a provider says of the person who signed in there. */
export interface ExternalIdentity {
  /** Whose word it is; with `subject` the only thing an identity is recognised by. */
  issuer: string
  subject: string
  email?: string
  /** True only for the JSON value true: an absent claim and the text "true" promise nothing. */
  emailVerified: boolean
  name?: string
  /** How the person is called there, where that is no address. */
  username?: string
}

/** What the server keeps of a flow until the browser comes back; never sent to the browser. */
export interface FlowSecrets {
  /** RFC 7636. */
  verifier: string
  /** Comes back inside the ID token. */
  nonce: string
}

export interface AuthorizationRequest {
  redirectUri: string
  state: string
  secrets: FlowSecrets
}

export interface AuthorizationResponse {
  /** The exact redirect URI with what the provider added to it. */
  url: URL
  state: string
  secrets: FlowSecrets
}

/** One way in through somebody else's accounts. */
export interface Provider {
  readonly id: string
  readonly name: string
  /** Which picture stands for it: `google`, `github`, `openid` or `dev`. */
  readonly icon: string
  /** What it says of an address being verified is believed when accounts are linked. */
  readonly trusted: boolean
  /** Where the browser goes to sign in. Throws provider_error, provider_unavailable. */
  authorizationUrl(request: AuthorizationRequest): Promise<URL>
  /** Who signed in there. Throws access_denied, provider_error, provider_unavailable. */
  identify(response: AuthorizationResponse): Promise<ExternalIdentity>
}

/** An identity, and who answers for it. */
export interface Vouched {
  provider: Provider
  identity: ExternalIdentity
}
