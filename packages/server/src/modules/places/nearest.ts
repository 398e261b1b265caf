import type { Circle } from '../../platform/db/dialects/geo.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { type Box, boxesAround, boxesInside, farthest, halves, without } from '../../platform/geo/boxes.ts'
import { distanceMeters, type Position } from '../../platform/geo/geodesic.ts'

export interface Located extends Position {
  id: string
}

export type Ranked<T extends Located> = T & { distance: number }

/** Where an earlier page ended. */
export type End = readonly [distance: number, id: string]

export interface NearestQuery<T extends Located> {
  circle: Circle
  after?: End | undefined
  limit: number
  /** How far the first look goes, in metres. */
  reach?: number | undefined
  /** All that are wanted, wherever they lie, if they are few. Asked once, when nearly nothing nearby is wanted. */
  few?: (() => Promise<T[] | undefined>) | undefined
}

/** A circle without what has been looked at. */
export interface Ring {
  circle: Circle
  hole: readonly Box[]
  /** Of it only these. */
  parts?: readonly Box[]
}

export interface Looked<T extends Located> {
  /** Those that are wanted, in no order, perhaps with others beside the ring; meaningless when more than `most` were read. */
  rows: T[]
  /** How many the index named, wanted or not, up to one more than `most`. */
  examined: number
  /** Where none is left to be read. */
  covered: readonly Box[]
}

export interface Nearest<T extends Located> {
  found: Ranked<T>[]
  /** The page is not full, and there may be more: this is where to look on. */
  resumeAt?: End
}

/** How many rows a look may bring for each that is wanted. */
const spare = 3
/** A look that reads more lets nobody else have a turn for long. */
const largestLook = 4_000
/** One answer reads no more; then it is shorter, and leads on. */
const largestAnswer = 100_000
/** Where so few of those that lie there are wanted, all that are wanted may be few. */
const rare = 0.1
/** Before it is known how dense the rows are, nobody looks farther than this, in metres. */
const firstReach = 10_000
/** Comes after every id. */
const afterAll = '~'

/**
 * The nearest of a circle, by distance and then by id. Looks at rings from the middle outwards, each as wide as brings
 * what is missing, so a page costs the same among a million as among a few; a ring with too many is looked at again,
 * narrower. A look is bounded by what it reads, not by what it finds: where little of much is wanted, many looks follow
 * each other, and others have their turn between them.
 */
export async function findNearest<T extends Located>(
  { circle, after, limit, few, reach: expected = firstReach }: NearestQuery<T>,
  look: (ring: Ring, most: number) => Promise<Looked<T>>,
): Promise<Nearest<T>> {
  const found = new Map<string, Ranked<T>>()
  const take = (rows: readonly T[]) => {
    for (const row of rows) {
      const distance = distanceMeters(circle, row)
      if (distance <= circle.radius && (!after || isAfter(distance, row.id, after)))
        found.set(row.id, { ...row, distance })
    }
  }
  /** All within have been looked at, or came on earlier pages. */
  let done = after?.[0] ?? 0
  const first = (reach: number) =>
    [...found.values()]
      .filter(({ distance }) => distance <= reach)
      .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
      .slice(0, limit)

  let hole: readonly Box[] = []
  let most = Math.max(64, spare * limit)
  let reach = Math.min(circle.radius, Math.max(expected, done * 1.1))
  let crowded = Number.POSITIVE_INFINITY
  // Of what lies within `done`, unless an earlier page read it.
  let [inside, wanted] = [0, 0]
  let [examined, sincePause] = [0, 0]
  let [isFirst, wasAsked, inParts] = [true, false, false]
  const lookAt = async (ring: Ring, most: number) => {
    const looked = await look(ring, most)
    examined += looked.examined
    sincePause += looked.examined
    if (sincePause > largestLook) {
      sincePause = 0
      await pause(0)
    }
    return looked
  }
  const askForFew = async () => {
    wasAsked = true
    const all = await few?.()
    if (all)
      take(all)
      // From here on the looks may go by another index: what was learnt of the first does not hold.
    ;[inside, wanted, crowded] = [0, 0, Number.POSITIVE_INFINITY]
    return all !== undefined
  }
  for (;;) {
    const ring = { circle: { ...circle, radius: reach }, hole }
    const again = hole.length === 0 ? inside : 0
    const looked = inParts ? await lookInParts(ring, done, lookAt) : await lookAt(ring, most + again)
    const fresh = looked.examined - again
    if (fresh > most && !inParts) {
      crowded = reach
      if (isFirst && done > 0 && reach < done * 1.02) {
        // It is what earlier pages read that is too much.
        if (wasAsked) inParts = true
        else {
          if (await askForFew()) return { found: first(circle.radius) }
        }
        reach = Math.min(circle.radius, done * 1.02 + 1)
        continue
      }
      if (isFirst && done > 0) hole = boxesInside(circle, done)
      if (reach - done < 1) most *= 4
      else reach = done + (reach - done) / 4
      continue
    }
    ;[isFirst, inParts] = [false, false]
    take(looked.rows)
    inside += fresh
    wanted = looked.rows.length + (hole.length === 0 ? 0 : wanted)
    const page = first(reach)
    if (page.length >= limit || reach >= circle.radius) return { found: page }
    if (examined > largestAnswer) return { found: page, resumeAt: [reach, afterAll] }
    if ((wanted + 1) / (inside + 1) < rare && !wasAsked) {
      if (await askForFew()) return { found: first(circle.radius) }
      hole = looked.covered
    }
    const share = (wanted + 1) / (inside + 1)
    most = Math.max(most, Math.min(largestLook, Math.ceil((spare * limit) / share)))
    const aim = Math.min(most / 2, (1.5 * (limit - page.length)) / share)
    const area = reach ** 2 - (hole.length === 0 ? 0 : done ** 2)
    const grown = Math.min(reach * 4, Math.sqrt(reach ** 2 + (aim / Math.max(0.5, fresh)) * area))
    if (reach >= crowded) crowded = Number.POSITIVE_INFINITY
    const between = crowded - reach < 1 ? crowded : Math.sqrt(reach * crowded)
    done = reach
    reach = Math.min(Math.max(grown, reach + 1), between, circle.radius)
    // To read a few again costs less than to ask for the four sides around them.
    if (hole.length > 0 || inside > most / 2) hole = looked.covered
  }
}

/** A ring piece by piece, without the pieces that an earlier page read. */
async function lookInParts<T extends Located>(
  ring: Ring,
  done: number,
  look: (ring: Ring, most: number) => Promise<Looked<T>>,
): Promise<Looked<T>> {
  const { circle, hole } = ring
  const covered = boxesAround(circle, circle.radius)
  const parts = without(covered, hole)
  const rows: T[] = []
  let examined = 0
  for (let part = parts.pop(); part; part = parts.pop()) {
    if (farthest(circle, part) < done) continue
    const isPoint = part.east - part.west < 1e-6 && part.north - part.south < 1e-6
    const looked = await look({ ...ring, parts: [part] }, isPoint ? Number.MAX_SAFE_INTEGER - 1 : largestLook)
    if (looked.examined > largestLook && !isPoint) parts.push(...halves(part))
    else {
      rows.push(...looked.rows)
      examined += looked.examined
    }
  }
  return { rows, examined, covered }
}

const isAfter = (distance: number, id: string, [endedAt, lastId]: End): boolean =>
  distance > endedAt || (distance === endedAt && id > lastId)

/** Where a page of `limit` ends when there are more. */
export function endOf(found: readonly Ranked<Located>[], limit: number): End | undefined {
  const last = found.length > limit ? found[limit - 1] : undefined
  return last && [last.distance, last.id]
}
