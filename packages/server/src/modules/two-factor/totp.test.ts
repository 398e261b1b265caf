import { describe, expect, it } from 'vitest'
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts'
import { codeAt, matchingStep, newTotpSecret, otpauthUri, stepAt, type TotpForm } from './totp.ts'

/** RFC 6238 appendix B; the seeds are the same digits, as long as each hash wants them. */
const seeds = {
  SHA1: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  SHA256: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA',
  SHA512: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA',
} as const
const rfc6238: [seconds: number, sha1: string, sha256: string, sha512: string][] = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
]

describe('AU10 time-based codes', () => {
  it.each(rfc6238)('are those of RFC 6238 at %d s', (seconds, ...expected) => {
    const step = stepAt(new Date(seconds * 1000))
    const made = (['SHA1', 'SHA256', 'SHA512'] as const).map((algorithm) => {
      const form: TotpForm = { algorithm, digits: 8, period: 30 }
      return codeAt(seeds[algorithm], step, form)
    })
    expect(made).toEqual(expected)
    // Apps show six digits: the last six of these.
    expect(codeAt(seeds.SHA1, step)).toBe(expected[0]?.slice(-6))
  })

  it('belong to the present step and its two neighbours, and to none that was used up', () => {
    const secret = newTotpSecret()
    const now = new Date('2026-11-21T09:30:15.000Z')
    const current = stepAt(now)
    const found = (step: number, usedUpTo = 0) => matchingStep(secret, codeAt(secret, current + step), now, usedUpTo)
    expect([-2, -1, 0, 1, 2].map((step) => found(step))).toEqual([
      undefined,
      current - 1,
      current,
      current + 1,
      undefined,
    ])
    expect([-1, 0, 1].map((step) => found(step, current))).toEqual([undefined, undefined, current + 1])
    const code = codeAt(secret, current)
    expect(matchingStep(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now, 0)).toBe(current)
    for (const other of ['', '12345', `${code}0`, '１２３４５６', 'abcdef', `-${code.slice(1)}`]) {
      expect(matchingStep(secret, other, now, 0)).toBeUndefined()
    }
  })

  it('come of 160 random bits, told to the app in the form all apps know', () => {
    const secret = newTotpSecret()
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(newTotpSecret()).not.toBe(secret)
    const uri = new URL(otpauthUri({ issuer: 'Atrium app.example.com', account: 'ann&co', secret }))
    expect(uri.href).toMatch(/^otpauth:\/\/totp\/Atrium%20app\.example\.com:ann%26co\?/)
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Atrium app.example.com',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})

describe('AU11 recovery codes', () => {
  it('are ten of 120 bits, and their form does not matter', () => {
    const codes = newRecoveryCodes()
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    const spellings = ['0O1I-L1AB', '0o1i l1ab', ' 001111ab ', '00-11-11-AB']
    expect(new Set(spellings.map(recoveryCodeHash)).size).toBe(1)
    expect(recoveryCodeHash('001111AC')).not.toBe(recoveryCodeHash('001111AB'))
  })
})
