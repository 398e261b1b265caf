import type { Pending } from '@atrium/client'
import { describe, expect, it } from 'vitest'
import { chatMessages, firstUnreadKey, groupMessages } from './message-groups.ts'
import { message } from './test-messages.ts'

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
