import { useEffect, useMemo, useState } from 'react'
import { createDates, type Dates, knownLocale, knownTimeZone } from './dates.ts'
import { useSession } from './session.ts'

/** Dates in the words and the time zone of the person who is signed in, or else of the browser. */
export function useDates(): Dates {
  const { user } = useSession()
  const locale = knownLocale(user?.locale)
  const timeZone = knownTimeZone(user?.time_zone)
  return useMemo(() => createDates(locale, timeZone), [locale, timeZone])
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
