/** Wall-clock times of somebody's own time zone, `HH:MM`; the end may be on the next day. */
export interface QuietHours {
  start: string
  end: string
  time_zone: string
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** When the quiet hours that `at` lies in are over; undefined when it lies in none. */
export function quietUntil(quiet: QuietHours | null, at: Date): Date | undefined {
  if (!quiet || !isQuiet(quiet, at)) return undefined
  const local = wallClock(quiet.time_zone, at)
  const midnight = Math.floor(local / dayMs) * dayMs
  const today = midnight + minutesOf(quiet.end) * minuteMs
  const end = today > local ? today : today + dayMs
  // The zone's offset may change before the end: the nearest later moment with an offset that is in force then.
  const moments = [end - dayMs, end + dayMs]
    .map((moment) => end - (wallClock(quiet.time_zone, new Date(moment)) - moment))
    .sort((a, b) => a - b)
  const exact = moments.find((moment) => moment > at.getTime() && wallClock(quiet.time_zone, new Date(moment)) === end)
  if (exact !== undefined) return new Date(exact)
  // The clocks are put forward over the end: it is over as soon as they are.
  const [first = 0, last = 0] = moments
  for (let moment = Math.max(first, at.getTime()); moment < last; moment += minuteMs) {
    if (!isQuiet(quiet, new Date(moment))) return new Date(moment)
  }
  return new Date(last)
}

function isQuiet({ start, end, time_zone }: QuietHours, at: Date): boolean {
  const minute = Math.floor((wallClock(time_zone, at) % dayMs) / minuteMs)
  const [from, to] = [minutesOf(start), minutesOf(end)]
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** What clocks in the zone show, in milliseconds as if the zone were UTC. */
function wallClock(timeZone: string, at: Date): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Making one costs far more than using it; there are some 600 zones. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const numeric = 'numeric' as const
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  })
  if (formats.size < 1_000) formats.set(timeZone, made)
  return made
}
