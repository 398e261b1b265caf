/** Dates as people say them, in one locale and time zone. Pure: `now` comes from outside. */
export interface Dates {
  /** 14:05 */
  time(at: Date): string
  /** Monday, 9 November, with the year when it is another one. */
  day(at: Date, now: Date): string
  /** 9 November 2026 */
  date(at: Date): string
  /** The date and the time, in full. */
  full(at: Date): string
  /** As short as a list needs it: 14:05, Tuesday, 9 Nov, 09/11/2025. */
  short(at: Date, now: Date): string
  /** 5 minutes ago, 2 days ago. */
  ago(at: Date, now: Date): string
  /** 2026-11-09 in the time zone: the same for everything that happened on one day. */
  dayKey(at: Date): string
  /** Whole calendar days between the two. */
  daysBetween(at: Date, now: Date): number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export function createDates(locale: string | undefined, timeZone: string | undefined): Dates {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(locale, { ...options, ...(timeZone ? { timeZone } : {}) })
    return (at: Date) => made.format(at)
  }
  const time = format({ hour: '2-digit', minute: '2-digit' })
  const weekday = format({ weekday: 'long' })
  const dayAndMonth = format({ day: 'numeric', month: 'short' })
  const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' })
  const date = format({ day: 'numeric', month: 'long', year: 'numeric' })
  const numbers = format({ day: '2-digit', month: '2-digit', year: 'numeric' })
  const full = format({ dateStyle: 'full', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const keyFormat = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(timeZone ? { timeZone } : {}),
  })

  const dayKey = (at: Date) => keyFormat.format(at)
  const daysBetween = (at: Date, now: Date) => Math.round((Date.parse(dayKey(now)) - Date.parse(dayKey(at))) / day)
  const isSameYear = (at: Date, now: Date) => dayKey(at).slice(0, 4) === dayKey(now).slice(0, 4)

  return {
    time,
    date,
    full,
    dayKey,
    daysBetween,
    day: (at, now) => (isSameYear(at, now) ? longDay(at) : date(at)),
    short(at, now) {
      const days = daysBetween(at, now)
      if (days <= 0) return time(at)
      if (days < 7) return weekday(at)
      return isSameYear(at, now) ? dayAndMonth(at) : numbers(at)
    },
    ago(at, now) {
      const passed = Math.max(0, now.getTime() - at.getTime())
      if (passed < hour) return relative.format(-Math.floor(passed / minute), 'minute')
      if (passed < day) return relative.format(-Math.floor(passed / hour), 'hour')
      if (passed < 30 * day) return relative.format(-Math.floor(passed / day), 'day')
      return date(at)
    },
  }
}

/** The zone when this browser knows it; a wrong one would make every date throw. */
export function knownTimeZone(zone: string | null | undefined): string | undefined {
  return isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: zone ?? undefined }))
    ? (zone ?? undefined)
    : undefined
}

export function knownLocale(locale: string | null | undefined): string | undefined {
  return isAccepted(() => Intl.getCanonicalLocales(locale ?? undefined)) ? (locale ?? undefined) : undefined
}

function isAccepted(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

/** The moment a day such as 2026-11-09 begins in a time zone; the browser's own when there is none. */
export function startOfDay(day: string, timeZone: string | undefined): Date {
  const wall = Date.parse(`${day}T00:00:00Z`)
  const format = new Intl.DateTimeFormat('en-CA', {
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  })
  const offsetAt = (at: number) => Date.parse(`${format.format(at).replace(', ', 'T')}Z`) - at
  // The second look is for days that begin in another offset than the one at midnight in UTC.
  return new Date(wall - offsetAt(wall - offsetAt(wall)))
}
