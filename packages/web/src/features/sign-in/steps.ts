import type { MfaRequired } from '@atrium/client'

/** Where somebody is on the way in. */
export type Step =
  | { kind: 'start'; notice?: string }
  | { kind: 'second'; ticket: MfaRequired; mayTrust: boolean }
  | { kind: 'mail'; email: string; remember: boolean }
  | { kind: 'link'; token: string }

/** Goes on to the second factor; a browser is trusted only where the sign-in is kept. */
export type NeedSecond = (ticket: MfaRequired, mayTrust: boolean) => void

/** What the link that led here wants: a second step after another site, or the link of a mail. */
export function stepOf(fragment: URLSearchParams): Step | undefined {
  const [token, mfa_token] = [fragment.get('token'), fragment.get('mfa_token')]
  if (token) return { kind: 'link', token }
  if (!mfa_token) return undefined
  const methods = (fragment.get('methods')?.split(',') ?? []) as MfaRequired['methods']
  const expires_in = Number(fragment.get('expires_in')) || 300
  return { kind: 'second', ticket: { status: 'mfa_required', mfa_token, methods, expires_in }, mayTrust: true }
}
