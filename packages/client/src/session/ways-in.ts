import type { ClientSession } from '../contract.ts'
import type { components } from '../generated/api.ts'
import { contentOf } from '../http/api.ts'
import type {
  EmailSignIn,
  EmailVerification,
  GuestUpgrade,
  IdentityProof,
  Login,
  MfaRequired,
  MfaVerification,
  PasskeyRequest,
  PasskeySignIn,
  PasswordReset,
  Registration,
  RegistrationResult,
  Setup,
  SignInOptions,
  SignInResult,
  User,
} from '../types.ts'
import { csrfOf, type IssuedTokens } from './credentials.ts'
import { SessionKeeper } from './session.ts'

type Schemas = components['schemas']
type SignedIn = IssuedTokens & { status: 'complete'; user: User }

/** Every way in, and what leads back to one: second steps, mailed links and codes, new passwords. */
export class WaysIn extends SessionKeeper implements ClientSession {
  get #http() {
    return this.options.http
  }

  async login(input: Login): Promise<SignInResult> {
    return this.#enterBy(await contentOf(this.#http.POST('/api/v1/auth/login', { body: this.#asking(input) })))
  }

  async verifyMfa(input: MfaVerification): Promise<User> {
    const body = input as Schemas['MfaVerification']
    return this.begin(await contentOf(this.#http.POST('/api/v1/auth/mfa/verify', { body })))
  }

  async passkeyOptions(body: PasskeyRequest = {}): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const options = await contentOf(this.#http.POST('/api/v1/auth/passkey/options', { body }))
    return options as PublicKeyCredentialRequestOptionsJSON
  }

  async signInWithPasskey(input: PasskeySignIn): Promise<SignInResult> {
    const body = this.#asking(input) as Schemas['PasskeySignIn']
    return this.#enterBy(await contentOf(this.#http.POST('/api/v1/auth/passkey/verify', { body })))
  }

  async requestEmailSignIn(email: string): Promise<void> {
    await this.#http.POST('/api/v1/auth/email-otp', { body: { email } })
  }

  async signInByEmail(input: EmailSignIn): Promise<SignInResult> {
    const body = this.#asking(input)
    return this.#enterBy(await contentOf(this.#http.POST('/api/v1/auth/email-otp/verify', { body })))
  }

  async enterAsGuest(input: SignInOptions = {}): Promise<User> {
    const answer = await contentOf(this.#http.POST('/api/v1/auth/guest', { body: this.#asking(input) }))
    return this.begin(answer as SignedIn)
  }

  async upgradeGuest(body: GuestUpgrade): Promise<RegistrationResult> {
    this.changing = true
    try {
      const answer = await contentOf(this.#http.POST('/api/v1/auth/guest/upgrade', { body }))
      if (answer.status === 'verification_required') return answer
      return { status: 'complete', user: this.begin(answer as SignedIn) }
    } finally {
      this.changing = false
    }
  }

  async exchange(call: () => Promise<IssuedTokens>): Promise<User | null> {
    this.changing = true
    try {
      const tokens = await call()
      this.options.credentials.take(tokens)
      const { user } = await this.load()
      if (user) this.options.tell({ kind: 'signed-in', user, csrf: csrfOf(tokens) })
      return user
    } finally {
      this.changing = false
    }
  }

  async register(input: Registration): Promise<RegistrationResult> {
    const answer = await contentOf(this.#http.POST('/api/v1/auth/register', { body: this.#asking(input) }))
    return answer.status === 'complete' ? { status: 'complete', user: this.begin(answer) } : answer
  }

  async setup(input: Setup): Promise<User> {
    return this.begin(await contentOf(this.#http.POST('/api/v1/setup', { body: this.#asking(input) })))
  }

  async verifyEmail(body: EmailVerification): Promise<void> {
    await this.#http.POST('/api/v1/auth/verify-email', { body })
  }

  async resendVerification(email: string): Promise<void> {
    await this.#http.POST('/api/v1/auth/resend-verification', { body: { email } })
  }

  async requestPasswordReset(email: string): Promise<void> {
    await this.#http.POST('/api/v1/auth/password-reset', { body: { email } })
  }

  async completePasswordReset(body: PasswordReset): Promise<void> {
    await this.#http.POST('/api/v1/auth/password-reset/complete', { body })
  }

  async unlock(token: string): Promise<void> {
    await this.#http.POST('/api/v1/auth/unlock', { body: { token } })
  }

  async reauthenticate(proof: IdentityProof): Promise<void> {
    const body = proof as Schemas['Reauthentication']
    this.renew(await contentOf(this.#http.POST('/api/v1/auth/reauthenticate', { body })))
  }

  async requestIdentityCode(): Promise<void> {
    await this.#http.POST('/api/v1/auth/reauthenticate/code')
  }

  #asking<Input extends object>(input: Input): Input & { token_delivery?: 'body' } {
    return this.options.delivery === 'body' ? { ...input, token_delivery: 'body' } : input
  }

  #enterBy(answer: SignedIn | MfaRequired): SignInResult {
    return answer.status === 'complete' ? { status: 'complete', user: this.begin(answer) } : answer
  }
}
