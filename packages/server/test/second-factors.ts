import { codeAt, stepAt } from '../src/modules/two-factor/totp.ts'
import type { SoftwareAuthenticator } from './software-authenticator.ts'
import type { Answer, TestApp, Visitor } from './test-app.ts'

/** An authenticator app on somebody's phone. */
export interface AppOnPhone {
  secret: string
  recoveryCodes: string[]
  /** What it shows at this moment of the application's time, or so many steps later or earlier. */
  code(stepsLater?: number): string
  /** What it shows while another application, after a move, has this time. */
  at(other: TestApp): string
  /** Waits for the next code: it was not used before. */
  freshCode(): string
}

/** Sets up an authenticator app for somebody who is signed in. */
export async function addTotp(app: TestApp, someone: Visitor): Promise<AppOnPhone> {
  const started = await someone.post('/users/me/mfa/totp')
  if (started.status !== 200) throw new Error(`start: ${started.body}`)
  const { secret } = started.json as { secret: string }
  const code = (stepsLater = 0) => codeAt(secret, stepAt(app.now()) + stepsLater)
  const confirmed = await someone.post('/users/me/mfa/totp/confirm', { code: code() })
  if (confirmed.status !== 200) throw new Error(`confirm: ${confirmed.body}`)
  return {
    secret,
    recoveryCodes: confirmed.json.recovery_codes,
    code,
    at: (other) => codeAt(secret, stepAt(other.now())),
    freshCode() {
      app.advance(30)
      return code()
    },
  }
}

/** Makes a passkey and keeps it in the account of somebody who is signed in. */
export async function addPasskey(
  someone: Visitor,
  authenticator: SoftwareAuthenticator,
  name = 'Laptop',
): Promise<Answer> {
  const options = await someone.post('/users/me/passkeys/options')
  if (options.status !== 200) return options
  return someone.post('/users/me/passkeys', { credential: authenticator.create(options.json), name })
}

export const twenty = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, ask))

/** Mails to somebody, and what the audit log says of their second factors, oldest first. */
export async function factorTrail(app: TestApp, who: Visitor): Promise<{ mails: string[]; events: string[] }> {
  const { db } = app.database
  const mails = await db
    .selectFrom('mails')
    .select('template')
    .where('user_id', '=', who.userId)
    // Registering writes one, and is no news of factors.
    .where('template', '!=', 'verify_email')
    .orderBy('id')
    .execute()
  const events = await db
    .selectFrom('audit_events')
    .select('type')
    .where('user_id', '=', who.userId)
    .where((where) =>
      where.or(['mfa%', 'recovery%', 'passkey%', 'suspicious%'].map((pattern) => where('type', 'like', pattern))),
    )
    .orderBy('id')
    .execute()
  return { mails: mails.map(({ template }) => template), events: events.map(({ type }) => type) }
}
