import type { Circle } from '../../platform/db/dialects/geo.ts'
import { distanceMeters, type Position } from '../../platform/geo/geodesic.ts'

export interface Located extends Position {
  id: string
}

export type Ranked<T extends Located> = T & { distance: number }

export interface NearestQuery {
  circle: Circle
  /** Where an earlier page ended. */
  after?: readonly [distance: number, id: string] | undefined
  limit: number
}

/** How many rows a look may bring for each that is wanted. */
const spare = 3

/** Before it is known how dense the rows are, nobody looks farther than this, in metres. */
const firstReach = 10_000

/**
 * The nearest of a circle, by distance and then by id. Looks at a circle as large as brings a page, and not more: where
 * rows are dense it shrinks, so a page costs the same among a million as among a few. `look` answers rows of a circle, in
 * no order, and may add some beside it.
 */
export async function findNearest<T extends Located>(
  { circle, after, limit }: NearestQuery,
  look: (circle: Circle, limit: number) => Promise<T[]>,
): Promise<Ranked<T>[]> {
  let cap = Math.max(64, spare * limit)
  let reach = Math.min(circle.radius, Math.max(firstReach, (after?.[0] ?? 0) * 1.5))
  let crowded = Number.POSITIVE_INFINITY
  // What lies within came on earlier pages.
  let exhausted = after?.[0] ?? 0
  for (;;) {
    const rows = await look({ ...circle, radius: reach }, cap + 1)
    if (rows.length > cap) {
      crowded = reach
    } else {
      const found = rank(rows, circle, reach, after)
      if (found.length >= limit || reach === circle.radius) return found.slice(0, limit)
      exhausted = Math.max(exhausted, reach)
      // With the larger cap this one could be read: what lies around it may be, too.
      if (reach >= crowded) crowded = Number.POSITIVE_INFINITY
    }
    if (crowded === Number.POSITIVE_INFINITY) {
      reach = Math.min(circle.radius, Math.max(1, reach * 4))
    } else if (crowded < 1 || crowded < exhausted * 1.2) {
      // Too many in one spot, or too many pages before this one: they have to be read.
      cap *= 4
      reach = crowded
    } else {
      reach = exhausted === 0 ? crowded / 4 : Math.sqrt(exhausted * crowded)
    }
  }
}

function rank<T extends Located>(rows: T[], center: Position, reach: number, after: NearestQuery['after']) {
  return rows
    .map((row) => ({ ...row, distance: distanceMeters(center, row) }))
    .filter(({ distance, id }) => distance <= reach && (!after || isAfter(distance, id, after)))
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
}

const isAfter = (distance: number, id: string, [endedAt, lastId]: readonly [number, string]): boolean =>
  distance > endedAt || (distance === endedAt && id > lastId)
