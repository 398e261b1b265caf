import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

/** How codes are made; every authenticator app knows the standard form. */
export interface TotpForm {
  algorithm: 'SHA1' | 'SHA256' | 'SHA512'
  digits: number
  period: number
}

const standard: TotpForm = { algorithm: 'SHA1', digits: 6, period: 30 }

/** Steps a code may be early or late (RFC 6238 5.2 recommends one at most). */
const tolerance = 1

/** 160 random bits in base32, as RFC 4226 recommends. */
export const newTotpSecret = (): string => new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }).base32

export const stepAt = (time: Date, { period } = standard): number => Math.floor(time.getTime() / 1000 / period)

export function codeAt(secret: string, step: number, form: TotpForm = standard): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), ...form, timestamp: step * form.period * 1000 })
}

/** The step a code belongs to, after the step `usedUpTo` and near the present; undefined when it is no such code. */
export function matchingStep(secret: string, input: string, now: Date, usedUpTo: number): number | undefined {
  const code = input.replace(/\s/g, '')
  if (!/^\d{6}$/.test(code)) return undefined
  const current = stepAt(now)
  let found: number | undefined
  // Every step is looked at, whatever the first ones said: the time taken tells nothing.
  for (let step = current + tolerance; step >= current - tolerance; step--) {
    const isRight = timingSafeEqual(Buffer.from(codeAt(secret, step)), Buffer.from(code))
    if (isRight && step > usedUpTo) found = step
  }
  return found
}

/** What an authenticator app reads from the picture. */
export function otpauthUri(input: { issuer: string; account: string; secret: string }): string {
  const { issuer, account, secret } = input
  return new TOTP({ ...standard, issuer, label: account, secret: Secret.fromBase32(secret) }).toString()
}
