import { describe, expect, it } from 'vitest'
import { createDates, knownLocale, knownTimeZone } from './dates.ts'

const now = new Date('2026-11-21T10:00:00Z')
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const day = 24 * 60

describe('in Britain', () => {
  const dates = createDates('en-GB', 'Europe/London')

  it('is short in a list', () => {
    expect(dates.short(before(5), now)).toBe('09:55')
    expect(dates.short(before(3 * day), now)).toBe('Wednesday')
    expect(dates.short(before(20 * day), now)).toBe('1 Nov')
    expect(dates.short(before(400 * day), now)).toBe('17/10/2025')
  })

  it('says how long ago', () => {
    expect(dates.ago(before(0), now)).toBe('this minute')
    expect(dates.ago(before(5), now)).toBe('5 minutes ago')
    expect(dates.ago(before(60 * 3), now)).toBe('3 hours ago')
    expect(dates.ago(before(day), now)).toBe('yesterday')
    expect(dates.ago(before(90 * day), now)).toBe('23 August 2026')
  })

  it('does not speak of the future when clocks differ', () => {
    expect(dates.ago(before(-2), now)).toBe('this minute')
    expect(dates.short(before(-2), now)).toBe('10:02')
  })

  it('names days with the year only when it is another one', () => {
    expect(dates.day(before(2 * day), now)).toBe('Thursday 19 November')
    expect(dates.day(before(400 * day), now)).toBe('17 October 2025')
  })
})

it('counts days by the calendar of the time zone', () => {
  const lateEvening = new Date('2026-11-20T23:30:00Z')
  expect(createDates('en', 'Europe/London').daysBetween(lateEvening, now)).toBe(1)
  expect(createDates('en', 'Europe/Berlin').daysBetween(lateEvening, now)).toBe(0)
})

it('counts a day with 23 hours as one', () => {
  const dates = createDates('en', 'Europe/Berlin')
  expect(dates.daysBetween(new Date('2026-03-28T12:00:00Z'), new Date('2026-03-29T11:00:00Z'))).toBe(1)
})

it('speaks the language it is given', () => {
  expect(createDates('de', 'Europe/Berlin').short(before(3 * day), now)).toBe('Mittwoch')
})

it('leaves out zones and languages this browser does not know', () => {
  expect(knownTimeZone('Europe/Vienna')).toBe('Europe/Vienna')
  expect(knownTimeZone('Moon/Crater')).toBeUndefined()
  expect(knownTimeZone(null)).toBeUndefined()
  expect(knownLocale('pt-BR')).toBe('pt-BR')
  expect(knownLocale('not a locale')).toBeUndefined()
})
