import { describe, expect, it } from 'vitest'
import {
  conversationsOf,
  findConversation,
  newerOf,
  unreadAfter,
  unreadTotal,
  withConversation,
  withLastMessage,
  withoutConversation,
  withReadPosition,
  withSharedChange,
} from './conversation-cache.ts'
import { conversation, list, message, pages } from './test-messages.ts'

const me = 'me'
const known = conversation('c1', { last_message: message(3), unread_count: 1, last_read_seq: 2 })
const cached = pages(list([conversation('c2'), known]))
const c1 = (from: typeof cached) => findConversation(from, 'c1')

describe('withLastMessage', () => {
  it('counts a message of someone else as unread, and once only', () => {
    const once = withLastMessage(cached, message(4), me)
    expect(c1(once)).toMatchObject({ unread_count: 2, last_message: { id: 'm4' } })
    expect(withLastMessage(once, message(4), me)).toBe(once)
  })

  it('counts those that were skipped by their numbers', () => {
    expect(c1(withLastMessage(cached, message(6), me))?.unread_count).toBe(4)
  })

  it('takes an own message as reading up to it', () => {
    expect(c1(withLastMessage(cached, message(4, me), me))).toMatchObject({
      unread_count: 0,
      last_read_seq: message(4).seq,
    })
  })

  it('shows an edit of the last message without counting it', () => {
    const edited = message(3, 'anna', { version: 2, text: 'edited' })
    expect(c1(withLastMessage(cached, edited, me))).toMatchObject({ unread_count: 1, last_message: { text: 'edited' } })
  })

  it('moves the conversation to the top', () => {
    const order = conversationsOf(
      withLastMessage(pages(list([conversation('c2'), conversation('c1')])), message(1), me),
    )
    expect(order.map(({ id }) => id)).toEqual(['c1', 'c2'])
  })
})

describe('withConversation', () => {
  it('adds a new one', () => {
    expect(conversationsOf(withConversation(cached, conversation('c3')))).toHaveLength(3)
  })

  it('does not go back behind messages that came live meanwhile', () => {
    const late = conversation('c1', { last_message: message(2), unread_count: 0, version: 2 })
    expect(newerOf(known, late)).toMatchObject({ version: 2, unread_count: 1, last_message: { id: 'm3' } })
    expect(newerOf(known, { ...late, last_message: message(5), unread_count: 3 }).unread_count).toBe(3)
  })
})

it('withSharedChange keeps what only this person sees', () => {
  const { id, kind, description, history_open, posting, member_count, created_at } = conversation('c1')
  const same = { id, kind, description, public: false, history_open, posting, member_count, created_at }
  const event = { ...same, title: 'Garden', version: 2 }
  expect(c1(withSharedChange(cached, event))).toMatchObject({ title: 'Garden', unread_count: 1, my_role: 'member' })
  expect(withSharedChange(cached, { ...event, version: 0 })).toBe(cached)
})

it('withReadPosition never goes back', () => {
  const read = withReadPosition(cached, 'c1', { last_read_seq: 4, unread_count: 0 })
  expect(c1(read)?.unread_count).toBe(0)
  expect(withReadPosition(read, 'c1', { last_read_seq: 1, unread_count: 3 })).toBe(read)
})

it('withoutConversation takes it out', () => {
  expect(c1(withoutConversation(cached, 'c1'))).toBeUndefined()
})

it('unreadAfter counts by number, whatever other events are between', () => {
  const messages = [1, 2, 3, 4, 5].map((number) => message(number))
  const open = conversation('c1', { last_message: message(5) })
  expect(unreadAfter(open, message(2).seq, messages)).toBe(3)
  expect(unreadAfter(open, message(5).seq, messages)).toBe(0)
  expect(unreadAfter(open, 1, messages.slice(3))).toBeUndefined()
})

it('unreadTotal counts each conversation once', () => {
  expect(unreadTotal(pages(list([known]), list([known, conversation('c2', { unread_count: 2 })])))).toBe(3)
})
