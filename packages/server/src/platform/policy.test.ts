import { describe, expect, it } from 'vitest'
import type { Actor } from './actor.ts'
import { type Access, grants, holds, type Rule, refusal } from './policy.ts'

const now = new Date('2026-11-21T08:00:00.000Z')
const seconds = now.getTime() / 1000

const ann: Actor = {
  kind: 'user',
  userId: 'u',
  sessionId: 's',
  roles: ['user'],
  permissions: ['messages:read', 'messages:send'],
  status: 'active',
  mfaOwed: false,
  impersonatorId: null,
  authTime: seconds,
  aal: 1,
}
const key: Actor = { ...ann, kind: 'api_key', scopes: ['messages:read'], authTime: 0 }

const code = (actor: Actor | null, access: Access, more: Partial<Rule> = {}) =>
  refusal(actor, { access, ...more }, now)?.code
const send = { permission: 'messages:send' }
const read = { permission: 'messages:read' }

describe('grants', () => {
  it.each([
    [['messages:send'], 'messages:send', true],
    [['messages:*'], 'messages:send', true],
    [['*'], 'messages:send', true],
    [['*'], '*', true],
    [['messages:*'], 'messages:*', true],
    [['messages:send'], 'messages:*', false],
    [['messages:*'], '*', false],
    [['messages:*'], 'messages2:send', false],
    [['messages'], 'messages:send', false],
    [['messages:sen'], 'messages:send', false],
    [['messages:send'], 'messages:sen', false],
    [[''], 'messages:send', false],
    [[':*'], 'messages:send', false],
    [[], 'messages:send', false],
  ])('%j of %s: %s', (held, permission, expected) => {
    expect(grants(held, permission)).toBe(expected)
  })

  it('AZ7: a key has to give what its owner and its scopes both grant', () => {
    expect(holds(key, 'messages:read')).toBe(true)
    expect(holds(key, 'messages:send')).toBe(false)
    expect(holds({ ...key, permissions: [], scopes: ['*'] }, 'messages:read')).toBe(false)
    expect(holds(ann, 'messages:send')).toBe(true)
  })
})

/** Security.md #47: each condition alone refuses; none needs another one to be true as well. */
describe('refusal, one condition at a time', () => {
  it('lets in whoever breaks none', () => {
    for (const access of ['public', 'optional', 'user', send] as const) {
      expect(code(ann, access, { recentAuth: true })).toBe(undefined)
    }
    expect(code(key, read, { recentAuth: true })).toBe(undefined)
  })

  const cases: [string, Actor | null, Access, Partial<Rule>, string | undefined][] = [
    ['nobody', null, 'public', {}, undefined],
    ['nobody', null, 'optional', {}, undefined],
    ['nobody', null, 'user', {}, 'authentication_required'],
    ['nobody', null, read, {}, 'authentication_required'],
    ['a key where only people may', key, 'user', {}, 'forbidden'],
    ['a key where a session is judged', key, 'optional', { sessionOnly: true }, 'forbidden'],
    ['a key where a person has to act', key, read, { sessionOnly: true }, 'forbidden'],
    ['a key where anyone may', key, 'optional', {}, undefined],
    ['a key that would do for a person too', { ...key, scopes: ['*'] }, 'user', { whileMfaOwed: true }, 'forbidden'],
    ['somebody acted for, at credentials', { ...ann, impersonatorId: 'a' }, 'user', {}, 'forbidden'],
    [
      'somebody acted for, where keys are made',
      { ...ann, impersonatorId: 'a' },
      read,
      { sessionOnly: true },
      'forbidden',
    ],
    ['somebody acted for, leaving', { ...ann, impersonatorId: 'a' }, 'user', { whileImpersonating: true }, undefined],
    ['somebody acted for, elsewhere', { ...ann, impersonatorId: 'a' }, send, {}, undefined],
    ['who waits for deletion', { ...ann, status: 'deletion_pending' }, send, {}, 'account_inactive'],
    ['who waits for deletion', { ...ann, status: 'deletion_pending' }, 'user', {}, 'account_inactive'],
    ['who waits for deletion', { ...ann, status: 'deletion_pending' }, read, { whileDeleting: true }, undefined],
    ['who owes a factor', { ...ann, mfaOwed: true }, send, {}, 'mfa_required'],
    ['who owes a factor', { ...ann, mfaOwed: true }, 'user', {}, 'mfa_required'],
    ['who owes a factor, enrolling it', { ...ann, mfaOwed: true }, 'user', { whileMfaOwed: true }, undefined],
    ['who owes a factor', { ...ann, mfaOwed: true }, 'user', { whileDeleting: true }, 'mfa_required'],
    [
      'who waits for deletion',
      { ...ann, status: 'deletion_pending' },
      'user',
      { whileMfaOwed: true },
      'account_inactive',
    ],
    ['who lacks the permission', { ...ann, permissions: ['messages:read'] }, send, {}, 'forbidden'],
    ['a key without the scope', key, send, {}, 'scope_missing'],
    ['a key whose owner lacks it', { ...key, permissions: [], scopes: ['*'] }, read, {}, 'forbidden'],
    ['a key without any scope', { ...key, scopes: [] }, read, {}, 'scope_missing'],
    ['an old proof', { ...ann, authTime: seconds - 601 }, send, { recentAuth: true }, 'reauthentication_required'],
    ['a proof just in time', { ...ann, authTime: seconds - 600 }, send, { recentAuth: true }, undefined],
    ['an old proof where none is asked', { ...ann, authTime: 0 }, send, {}, undefined],
    [
      'an old proof, without the permission',
      { ...ann, authTime: 0, permissions: [] },
      send,
      { recentAuth: true },
      'forbidden',
    ],
  ]
  for (const [who, actor, access, more, expected] of cases) {
    const rule = JSON.stringify({ access, ...more })
    it(`${who}, at ${rule}: ${expected ?? 'let in'}`, () => {
      expect(code(actor, access, more)).toBe(expected)
    })
  }
})
