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
export const findNearest = <T extends Located>(
  query: NearestQuery<T>,
  look: (ring: Ring, most: number) => Promise<Looked<T>>,
): Promise<Nearest<T>> => new Search(query, look).run()

class Search<T extends Located> {
  readonly #query: NearestQuery<T>
  readonly #ask: (ring: Ring, most: number) => Promise<Looked<T>>
  /** The nearest of all that were read, as many as are asked for: none of the others can be in the answer. */
  #best: Ranked<T>[] = []
  /** All within, in metres, have been looked at, or came on earlier pages. */
  #done: number
  /** How far the next look goes. */
  #reach: number
  /** At this distance a look read too much. */
  #crowded = Number.POSITIVE_INFINITY
  /** What the next look need not read again. */
  #hole: readonly Box[] = []
  /** How many rows the next look may read. */
  #most: number
  /** How many lie within `done`, unless an earlier page read them, and how many of those are wanted. */
  #inside = 0
  #wanted = 0
  #examined = 0
  #sincePause = 0
  #isFirst = true
  #askedForFew = false
  #inParts = false

  constructor(query: NearestQuery<T>, look: (ring: Ring, most: number) => Promise<Looked<T>>) {
    const { circle, after, limit, reach = firstReach } = query
    this.#query = query
    this.#ask = look
    this.#done = after?.[0] ?? 0
    this.#reach = Math.min(circle.radius, Math.max(reach, this.#done * 1.1))
    this.#most = Math.max(64, spare * limit)
  }

  async run(): Promise<Nearest<T>> {
    const { circle, limit } = this.#query
    for (;;) {
      const ring = { circle: { ...circle, radius: this.#reach }, hole: this.#hole }
      const again = this.#hole.length === 0 ? this.#inside : 0
      const looked = this.#inParts
        ? await lookInParts(ring, this.#done, (part, most) => this.#look(part, most))
        : await this.#look(ring, this.#most + again)
      const fresh = looked.examined - again
      if (fresh > this.#most && !this.#inParts) {
        if (await this.#narrow()) return { found: this.#nearest(circle.radius) }
        continue
      }
      this.#keep(looked, fresh)
      const page = this.#nearest(this.#reach)
      if (page.length >= limit || this.#reach >= circle.radius) return { found: page }
      if (this.#examined > largestAnswer) return { found: page, resumeAt: [this.#reach, afterAll] }
      if (this.#share < rare && !this.#askedForFew) {
        if (await this.#takeFew()) return { found: this.#nearest(circle.radius) }
        this.#hole = looked.covered
      }
      this.#widen(fresh, limit - page.length)
      // To read a few again costs less than to ask for the four sides around them.
      if (this.#hole.length > 0 || this.#inside > this.#most / 2) this.#hole = looked.covered
    }
  }

  /** How many of those that lie here are wanted, never nought. */
  get #share(): number {
    return (this.#wanted + 1) / (this.#inside + 1)
  }

  async #look(ring: Ring, most: number): Promise<Looked<T>> {
    const looked = await this.#ask(ring, most)
    this.#examined += looked.examined
    this.#sincePause += looked.examined
    if (this.#sincePause > largestLook) {
      this.#sincePause = 0
      await pause(0)
    }
    return looked
  }

  /** After a look that read too much: the next goes less far. True when all that are wanted have been found instead. */
  async #narrow(): Promise<boolean> {
    const { circle } = this.#query
    this.#crowded = this.#reach
    if (this.#isFirst && this.#done > 0 && this.#reach < this.#done * 1.02) {
      // It is what earlier pages read that is too much.
      if (this.#askedForFew) this.#inParts = true
      else if (await this.#takeFew()) return true
      this.#reach = Math.min(circle.radius, this.#done * 1.02 + 1)
      return false
    }
    if (this.#isFirst && this.#done > 0) this.#hole = boxesInside(circle, this.#done)
    if (this.#reach - this.#done < 1) this.#most *= 4
    else this.#reach = this.#done + (this.#reach - this.#done) / 4
    return false
  }

  /** Sets how far the next look goes: as far as `missing` more should lie. */
  #widen(fresh: number, missing: number): void {
    const { circle, limit } = this.#query
    const [from, share] = [this.#reach, this.#share]
    const bound = this.#bound
    const wanted = bound < circle.radius ? largestLook : Math.ceil((spare * limit) / share)
    this.#most = Math.max(this.#most, Math.min(largestLook, wanted))
    const aim = bound < circle.radius ? this.#most / 2 : Math.min(this.#most / 2, (1.5 * missing) / share)
    const area = from ** 2 - (this.#hole.length === 0 ? 0 : this.#done ** 2)
    const grown = Math.min(from * 4, Math.sqrt(from ** 2 + (aim / Math.max(0.5, fresh)) * area))
    if (from >= this.#crowded) this.#crowded = Number.POSITIVE_INFINITY
    const isEmptyBefore = fresh === 0 && this.#crowded < Number.POSITIVE_INFINITY && this.#crowded - from >= 1
    if (isEmptyBefore) this.#most = Math.max(this.#most, Math.min(largestLook, this.#most * 2))
    // All of the crowd lies in what is left.
    const limitOfLook = isEmptyBefore ? (from + this.#crowded) / 2 : this.#crowded
    this.#done = from
    this.#reach = Math.min(Math.max(grown, from + 1), limitOfLook, bound)
  }

  /** Within it the page is full already, unless nearer ones are found: all of it has to be read, and no more. */
  get #bound(): number {
    const { circle, limit } = this.#query
    return this.#best[limit - 1]?.distance ?? circle.radius
  }

  #keep({ rows }: Looked<T>, fresh: number): void {
    this.#isFirst = false
    this.#inParts = false
    this.#take(rows)
    this.#inside += fresh
    this.#wanted = rows.length + (this.#hole.length === 0 ? 0 : this.#wanted)
  }

  #take(rows: readonly T[]): void {
    const { circle, after, limit } = this.#query
    const bound = this.#bound
    const found = new Map(this.#best.map((row) => [row.id, row]))
    for (const row of rows) {
      const distance = distanceMeters(circle, row)
      if (distance <= bound && (!after || isAfter(distance, row.id, after))) found.set(row.id, { ...row, distance })
    }
    this.#best = [...found.values()].sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1)).slice(0, limit)
  }

  async #takeFew(): Promise<boolean> {
    this.#askedForFew = true
    const all = await this.#query.few?.()
    if (all) this.#take(all)
    // From here on the looks may go by another index: what was learnt of the first does not hold.
    this.#inside = 0
    this.#wanted = 0
    this.#crowded = Number.POSITIVE_INFINITY
    return all !== undefined
  }

  #nearest(reach: number): Ranked<T>[] {
    return this.#best.filter(({ distance }) => distance <= reach)
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
