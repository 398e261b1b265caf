import { describe, expect, it } from 'vitest'
import type { UserRow } from '../accounts/index.ts'
import { decideLinking, type LinkingFacts } from './linking.ts'
import type { IdentityRow } from './oauth.repository.ts'

const known = { id: 'identity', user_id: 'owner' } as IdentityRow
const accountWith = (email_verified: 0 | 1) => ({ id: 'account', email_verified }) as UserRow
const every = [true, false].flatMap((emailVerified) =>
  [true, false].map((trusted) => ({ emailVerified, trusted, proved: emailVerified && trusted })),
)

describe.each(every)('decision 9: what an identity opens with %j', ({ emailVerified, trusted, proved }) => {
  const decide = (facts: Partial<LinkingFacts>) =>
    decideLinking({
      identity: { emailVerified },
      trusted,
      known: undefined,
      account: undefined,
      isPrivileged: false,
      proofRequired: false,
      ...facts,
    })

  it('is the account it was linked to, whatever else is said', () => {
    for (const proofRequired of [true, false]) {
      expect(decide({ known, account: accountWith(1), proofRequired })).toEqual({ kind: 'sign_in', known })
    }
  })

  it('is a new account where no account has its address', () => {
    expect(decide({})).toEqual({ kind: 'create', proved })
  })

  it('trap 11 is an account with its address, where both sides proved it', () => {
    const kindFor = (verified: 0 | 1, isPrivileged = false) =>
      decide({ account: accountWith(verified), isPrivileged }).kind
    expect(kindFor(1)).toBe(proved ? 'link' : 'refuse')
    expect(kindFor(1, true)).toBe(proved ? 'link' : 'refuse')
    expect(kindFor(0)).toBe(proved ? 'claim' : 'refuse')
    expect(kindFor(0, true)).toBe('refuse')
  })

  it('AU7 is the same for a free and a used address, where addresses must be proved first', () => {
    const free = decide({ proofRequired: true }).kind
    const used = decide({ proofRequired: true, account: accountWith(1) }).kind
    expect([free, used]).toEqual(proved ? ['create', 'link'] : ['wait', 'wait'])
  })
})
