import { useEffect, useMemo, useState } from 'react'
import { createDates, type Dates, knownLocale, knownTimeZone } from './dates.ts'
import { useSession } from './session.ts'

/** Dates in the words and the time zone of the person who is signed in, or else of the browser. */
export function useDates(): Dates {
  const { user } = useSession()
  const [locale, timeZone] = [user?.locale, user?.time_zone]
  // To ask whether a zone is known makes a format, which takes long enough to be felt while one scrolls.
  return useMemo(() => createDates(knownLocale(locale), knownTimeZone(timeZone)), [locale, timeZone])
}

/** The present moment, renewed often enough for "5 minutes ago" to stay true. */
export function useNow(everyMs = 30_000): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
