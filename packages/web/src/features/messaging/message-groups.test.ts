import type { Pending } from '@atrium/client'
import { describe, expect, it } from 'vitest'
import { chatMessages, firstUnreadKey, groupMessages, keepUnchanged } from './message-groups.ts'
import { message, person } from './test-messages.ts'

const me = { id: 'me', name: 'Me' }
const chat = (messages: ReturnType<typeof message>[], pending: Pending[] = []) =>
  chatMessages(messages, pending, me, ({ username }) => username)
const day = (at: Date) => at.toISOString().slice(0, 10)
const waiting = (clientId: string): Pending => ({
  clientId,
  conversationId: 'c1',
  text: 'on its way',
  createdAt: '2026-11-20T09:10:00.000Z',
  state: 'sending',
})

describe('chatMessages', () => {
  it('puts what is on its way after what the server has', () => {
    expect(chat([message(1)], [waiting('new')]).map(({ key }) => key)).toEqual(['m1', 'new'])
  })

  it('shows a pending message once when it has arrived, as the same element', () => {
    const arrived = chat([message(1, 'me', { client_id: 'new' })], [waiting('new')])
    expect(arrived).toMatchObject([{ key: 'new', pending: null, isOwn: true }])
  })

  it('does not mistake a client id of someone else for an own one', () => {
    expect(chat([message(1, 'anna', { client_id: 'new' })], [waiting('new')])).toHaveLength(2)
  })
})

describe('groupMessages', () => {
  it('groups by sender', () => {
    const [only] = groupMessages(chat([message(1), message(2), message(3, 'me'), message(4)]), day)
    expect(only?.groups.map(({ messages }) => messages.length)).toEqual([2, 1, 1])
  })

  it('ends a group after a silence and at midnight', () => {
    const later = message(2, 'anna', { created_at: '2026-11-20T10:00:00.000Z' })
    const tomorrow = message(3, 'anna', { created_at: '2026-11-21T00:00:30.000Z' })
    const days = groupMessages(chat([message(1), later, tomorrow]), day)
    expect(days.map(({ groups }) => groups.length)).toEqual([2, 1])
  })

  it('ends a group where the unread messages begin', () => {
    const messages = chat([message(1), message(2)])
    expect(groupMessages(messages, day, 'm2')[0]?.groups.map(({ key }) => key)).toEqual(['m1', 'm2'])
  })
})

describe('firstUnreadKey', () => {
  const messages = chat([message(1), message(2, 'me'), message(3), message(4)])

  it('is the first of others after what was read', () => {
    expect(firstUnreadKey(messages, message(1).seq, false)).toBe('m3')
    expect(firstUnreadKey(messages, message(4).seq, false)).toBeUndefined()
    expect(firstUnreadKey(messages, null, false)).toBeUndefined()
  })

  it('is not known while there may be earlier ones', () => {
    expect(firstUnreadKey(messages, 0, true)).toBeUndefined()
    expect(firstUnreadKey(messages, 0, false)).toBe('m1')
  })
})

describe('keepUnchanged', () => {
  const senders = ['anna', 'me']
  const stored = Array.from({ length: 12 }, (_, index) =>
    message(index + 1, senders[index % 2], { created_at: `2026-11-${index < 6 ? 19 : 20}T09:${10 + index}:00.000Z` }),
  )
  const days = (messages: typeof stored) => groupMessages(chat(messages), day)
  /** Of all groups, so many are other objects than before, which is what is rendered. */
  const renewed = (before: ReturnType<typeof days>, after: ReturnType<typeof days>) => {
    const known = new Set(before.flatMap(({ groups }) => groups))
    return after.flatMap(({ groups }) => groups).filter((group) => !known.has(group)).length
  }

  it('answers the same objects where nothing has changed', () => {
    const before = days(stored)
    const after = keepUnchanged(before, days(stored))
    expect(after.map((each, index) => each === before[index])).toEqual([true, true])
  })

  it('has only the groups of older messages anew, and the days they are of', () => {
    const before = days(stored.slice(4))
    const after = keepUnchanged(before, days(stored))
    expect(renewed(before, after)).toBe(4)
    expect(after[1]).toBe(before[1])
    expect(after).toEqual(days(stored))
  })

  it('has what was let go no longer', () => {
    const before = days(stored)
    const after = keepUnchanged(before, days(stored.slice(0, 8)))
    expect(renewed(before, after)).toBe(0)
    expect(after).toEqual(days(stored.slice(0, 8)))
  })

  it.each([
    ['was edited', message(10, 'me', { ...stored[9], text: 'other words', version: 2 })],
    ['has a sender with another name', message(9, 'anna', { ...stored[8], sender: person('annabel') })],
  ])('has the group anew of a message that %s', (_, changed) => {
    const before = days(stored)
    const messages = stored.map((each) => (each.id === changed.id ? changed : each))
    const after = keepUnchanged(before, days(messages))
    expect(renewed(before, after)).toBe(1)
    expect(after).toEqual(days(messages))
    expect(after[0]).toBe(before[0])
  })
})
