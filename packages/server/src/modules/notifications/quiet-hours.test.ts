import { describe, expect, it } from 'vitest'
import { type QuietHours, quietUntil } from './quiet-hours.ts'

const berlin = (start: string, end: string): QuietHours => ({ start, end, time_zone: 'Europe/Berlin' })
const until = (quiet: QuietHours | null, at: string) => quietUntil(quiet, new Date(at))?.toISOString()

describe('quiet hours', () => {
  it('N02: are those of the person’s own clocks, over midnight too', () => {
    const night = berlin('22:00', '07:00')
    expect(until(null, '2026-11-21T22:00:00.000Z')).toBe(undefined)
    expect(until(night, '2026-11-21T20:59:59.999Z')).toBe(undefined)
    expect(until(night, '2026-11-21T21:00:00.000Z')).toBe('2026-11-22T06:00:00.000Z')
    expect(until(night, '2026-11-22T05:59:59.999Z')).toBe('2026-11-22T06:00:00.000Z')
    expect(until(night, '2026-11-22T06:00:00.000Z')).toBe(undefined)
    expect(until(berlin('12:00', '13:30'), '2026-07-01T10:15:00.000Z')).toBe('2026-07-01T11:30:00.000Z')
    expect(until(berlin('12:00', '13:30'), '2026-07-01T11:30:00.000Z')).toBe(undefined)
    expect(until({ ...night, time_zone: 'Asia/Kathmandu' }, '2026-11-21T17:00:00.000Z')).toBe(
      '2026-11-22T01:15:00.000Z',
    )
    expect(until({ ...night, time_zone: 'Pacific/Kiritimati' }, '2026-12-31T09:00:00.000Z')).toBe(
      '2026-12-31T17:00:00.000Z',
    )
    expect(until({ ...night, time_zone: 'America/St_Johns' }, '2026-11-21T02:00:00.000Z')).toBe(
      '2026-11-21T10:30:00.000Z',
    )
  })

  it('N02: end by the clock in the nights that the clocks are put forward and back', () => {
    const night = berlin('22:00', '07:00')
    // Forward in the night to 2026-03-29: the night is an hour shorter.
    expect(until(night, '2026-03-28T21:00:00.000Z')).toBe('2026-03-29T05:00:00.000Z')
    expect(until(night, '2026-03-29T04:59:00.000Z')).toBe('2026-03-29T05:00:00.000Z')
    expect(until(night, '2026-03-29T05:00:00.000Z')).toBe(undefined)
    // Back in the night to 2026-10-25: an hour longer.
    expect(until(night, '2026-10-24T20:00:00.000Z')).toBe('2026-10-25T06:00:00.000Z')
    expect(until(night, '2026-10-25T05:59:00.000Z')).toBe('2026-10-25T06:00:00.000Z')
    expect(until(night, '2026-10-25T06:00:00.000Z')).toBe(undefined)
  })

  it('N02: an end that the clocks skip comes when they are put forward', () => {
    expect(until(berlin('22:00', '02:30'), '2026-03-28T23:00:00.000Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(until(berlin('22:00', '02:30'), '2026-03-29T01:00:00.000Z')).toBe(undefined)
  })

  it('N02: an end that comes twice counts each time', () => {
    const quiet = berlin('22:00', '02:30')
    expect(until(quiet, '2026-10-24T22:00:00.000Z')).toBe('2026-10-25T00:30:00.000Z')
    expect(until(quiet, '2026-10-25T00:45:00.000Z')).toBe(undefined)
    expect(until(quiet, '2026-10-25T01:10:00.000Z')).toBe('2026-10-25T01:30:00.000Z')
    expect(until(quiet, '2026-10-25T01:30:00.000Z')).toBe(undefined)
  })

  it('N02: whatever the zone and the day, end where the clock says so, and not before', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC', 'Africa/Cairo']
    for (const time_zone of zones) {
      const quiet = { start: '22:00', end: '07:00', time_zone }
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone: time_zone, hour: '2-digit', minute: '2-digit' })
      for (let hour = 0; hour < 365 * 24; hour += 7) {
        const at = new Date(Date.UTC(2026, 0, 1, hour))
        const end = quietUntil(quiet, at)
        const shown = clock.format(at)
        expect([time_zone, at, end !== undefined]).toEqual([time_zone, at, shown >= '22:00' || shown < '07:00'])
        if (!end) continue
        expect([at, clock.format(end)]).toEqual([at, '07:00'])
        expect(end.getTime() - at.getTime()).toBeGreaterThan(0)
        expect(end.getTime() - at.getTime()).toBeLessThanOrEqual(10 * 3_600_000)
      }
    }
  })
})
