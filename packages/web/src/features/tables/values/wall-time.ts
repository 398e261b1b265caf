/** What a clock on the wall of a time zone shows, as a field for date and time takes it: 2026-11-09T14:05:00. */
export function toWallTime(at: Date, timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  })
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const fraction = at.getUTCMilliseconds()
  const seconds = `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}`
  return fraction === 0 ? seconds : `${seconds}.${String(fraction).padStart(3, '0')}`
}

/** The moment such a clock shows; undefined when there is none. */
export function fromWallTime(text: string, timeZone: string | undefined): Date | undefined {
  const wall = Date.parse(`${text}Z`)
  if (Number.isNaN(wall)) return undefined
  const offsetAt = (at: number) => Date.parse(`${toWallTime(new Date(at), timeZone)}Z`) - at
  // The second look is for clocks that change between the two.
  return new Date(wall - offsetAt(wall - offsetAt(wall)))
}
