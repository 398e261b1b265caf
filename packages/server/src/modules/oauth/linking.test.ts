import { describe, expect, it } from 'vitest'
import { type AccountAtAddress, decideLinking } from './linking.ts'

const identity = (emailVerified: boolean) => ({
  issuer: 'https://id.example',
  subject: '1',
  email: 'v@example.com',
  emailVerified,
})
const account = (more: Partial<AccountAtAddress> = {}): AccountAtAddress => ({
  id: 'account',
  emailVerified: false,
  privileged: false,
  ...more,
})

describe('decision 9: what an identity opens', () => {
  const every = [true, false].flatMap((verified) => [true, false].map((trusted) => ({ verified, trusted })))

  it.each(every)('the account it was linked to, whatever else is said: %j', ({ verified, trusted }) => {
    const facts = { identity: identity(verified), trusted, knownUserId: 'known' }
    expect(decideLinking({ ...facts, account: account({ emailVerified: true }) })).toEqual({
      kind: 'sign_in',
      userId: 'known',
    })
  })

  it.each(every)('a new account where no account has its address: %j', ({ verified, trusted }) => {
    const decision = decideLinking({
      identity: identity(verified),
      trusted,
      knownUserId: undefined,
      account: undefined,
    })
    expect(decision).toEqual({ kind: 'create', proved: verified && trusted })
  })

  it.each(every)('trap 11 an account with its address, where both sides proved it: %j', ({ verified, trusted }) => {
    const facts = { identity: identity(verified), trusted, knownUserId: undefined }
    const decide = (more: Partial<AccountAtAddress>) => decideLinking({ ...facts, account: account(more) }).kind
    const proved = verified && trusted
    expect(decide({ emailVerified: true })).toBe(proved ? 'link' : 'refuse')
    expect(decide({ emailVerified: true, privileged: true })).toBe(proved ? 'link' : 'refuse')
    expect(decide({})).toBe(proved ? 'claim' : 'refuse')
    expect(decide({ privileged: true })).toBe('refuse')
  })
})
