import { describe, expect, it } from 'vitest'
import { Arrivals, messagesOf, withArrivals, withKnown, withMessage } from './message-cache.ts'
import { list, message, pages } from './test-messages.ts'

const numbers = (messages: { number: number }[]) => messages.map(({ number }) => number)

describe('withMessage', () => {
  it('puts a new message first on the newest page', () => {
    const before = pages(list([message(4), message(3)], true))
    expect(numbers(withMessage(before, message(5)).pages[0]?.data ?? [])).toEqual([5, 4, 3])
  })

  it('orders by seq whatever the order of arrival', () => {
    let cached = pages(list([message(1)]))
    for (const number of [4, 2, 3]) cached = withMessage(cached, message(number))
    expect(numbers(messagesOf(cached))).toEqual([1, 2, 3, 4])
  })

  it('is the same object when the message is known', () => {
    const before = pages(list([message(2), message(1)]))
    expect(withMessage(before, message(2))).toBe(before)
  })

  it('keeps the higher version, also on an older page', () => {
    const before = pages(list([message(4), message(3)], true), list([message(2), message(1, 'anna', { version: 3 })]))
    const edited = withMessage(before, message(2, 'anna', { version: 2, text: 'edited' }))
    expect(messagesOf(edited).find(({ number }) => number === 2)?.text).toBe('edited')
    expect(withMessage(before, message(1, 'anna', { version: 2, text: 'too late' }))).toBe(before)
  })

  it('leaves what is older than everything loaded to its own page', () => {
    const before = pages(list([message(9), message(8)], true))
    expect(withMessage(before, message(3))).toBe(before)
  })

  it('fills an empty conversation', () => {
    expect(numbers(messagesOf(withMessage(pages(list([])), message(1))))).toEqual([1])
  })
})

describe('withArrivals', () => {
  it('adds what came while the page was on its way', () => {
    const newest = list([message(2), message(1)])
    expect(numbers(withArrivals(newest, [message(4), message(3)]).data)).toEqual([4, 3, 2, 1])
  })

  it('adds nothing behind a hole', () => {
    const newest = list([message(2), message(1)])
    expect(withArrivals(newest, [message(4)])).toBe(newest)
  })

  it('begins an empty conversation with its first message only', () => {
    expect(numbers(withArrivals(list([]), [message(1), message(2)]).data)).toEqual([2, 1])
    expect(withArrivals(list([]), [message(2)]).data).toEqual([])
  })
})

it('Arrivals keeps the newest of each conversation', () => {
  const arrivals = new Arrivals(3)
  for (const number of [1, 2, 3, 4]) arrivals.add(message(number))
  arrivals.add(message(1, 'anna', { conversation_id: 'c2' }))
  expect(numbers(arrivals.of('c1'))).toEqual([3, 4])
  arrivals.clear()
  expect(arrivals.of('c1')).toEqual([])
})

describe('withKnown', () => {
  const page = (...numbers: number[]) =>
    list(
      numbers.map((number) => message(number)),
      true,
    )

  it('keeps the messages that are as they were, also where the window has moved', () => {
    const before = pages(page(6, 5), page(4, 3))
    const after = withKnown(before, pages(page(4, 3), page(2, 1)))
    const isKept = messagesOf(after).map((each) => messagesOf(before).includes(each))
    expect(numbers(messagesOf(after))).toEqual([1, 2, 3, 4])
    expect(isKept).toEqual([false, false, true, true])
  })

  it('has what has changed anew, and nothing where nothing has', () => {
    const before = pages(page(4, 3))
    const edited = message(3, 'anna', { text: 'other words', version: 2 })
    const after = messagesOf(withKnown(before, pages(list([message(4), edited], true))))
    expect(after[0]).toEqual(edited)
    expect(after[1]).toBe(messagesOf(before)[1])
    expect(withKnown(before, before)).toBe(before)
  })
})
