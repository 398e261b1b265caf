import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { Db } from '../../platform/db/schema.ts'
import { positionProblems } from '../../platform/geo/geojson.ts'
import { snapped } from '../../platform/geo/grid.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { invalidFields, listVisibleUsers } from '../accounts/index.ts'
import {
  deleteExpired,
  deleteLocation,
  findLocation,
  insertLocation,
  type LocationRow,
  lookForNeighbours,
  updateLocation,
} from './locations.repository.ts'
import type { NearbyList, NearbyQuery, NewLocation, OwnLocation, OwnLocationAnswer } from './locations.schema.ts'
import { type End, endOf, findNearest } from './nearest.ts'
import { placesErrors } from './places.errors.ts'

export interface LocationsDependencies {
  database: DatabaseHandle
  cursors: Cursors
  limiter: RateLimiter
  now: Clock
  /** What lies between people belongs to the room of people. */
  relations: {
    listFriendIds(db: Db, userId: string): Promise<string[]>
    listHiddenFrom(db: Db, userId: string): Promise<string[]>
  }
}

const changes: Limit = { name: 'location', limit: 60, windowSeconds: 60 }

/** Where people are, as far as they say: the position itself is never kept, only a cell of a grid. */
export class LocationsService {
  readonly #deps: LocationsDependencies

  constructor(deps: LocationsDependencies) {
    this.#deps = deps
  }

  async set({ userId }: Actor, input: NewLocation): Promise<OwnLocation> {
    const { database, limiter, now } = this.#deps
    const problems = positionProblems([input.lon, input.lat], ['/lon', '/lat'])
    if (problems.length > 0) throw invalidFields(problems)
    assertAllowed(await limiter.take(changes, userId))
    const precision = input.precision_m ?? 1000
    const row: LocationRow = {
      id: userId,
      ...snapped(input, precision),
      precision_m: precision,
      share: input.share ?? 'none',
      expires_at: input.expires_in ? isoAfter(now(), input.expires_in) : null,
      updated_at: now().toISOString(),
    }
    const { dialect } = database
    const save = () =>
      database.unitOfWork(async ({ tx }) => {
        if (!(await updateLocation(tx, dialect, row))) await insertLocation(tx, dialect, row)
      })
    await save().catch((error: unknown) => {
      // The row was made meanwhile: it can be changed now.
      if (!dialect.isUniqueViolation(error, 'user_locations_pkey')) throw error
      return save()
    })
    return toOwn(row)
  }

  async read({ userId }: Actor): Promise<OwnLocationAnswer> {
    const { database, now } = this.#deps
    const row = await findLocation(database.db, userId, now().toISOString())
    return { location: row ? toOwn(row) : null }
  }

  async remove({ userId }: Actor): Promise<void> {
    await this.#deps.database.unitOfWork(({ tx }) => deleteLocation(tx, userId))
  }

  /**
   * Who is near the caller's own cell. Distances are those between cells: asking from many places draws the same cell
   * again and again, never a point in it. Throws location_unknown, bad_cursor.
   */
  async nearby({ userId: viewerId }: Actor, query: NearbyQuery): Promise<NearbyList> {
    const { database, cursors, relations } = this.#deps
    const { db, dialect } = database
    const now = this.#deps.now().toISOString()
    const own = await findLocation(db, viewerId, now)
    if (!own) throw placesErrors.location_unknown()
    const { radius = 50_000, limit = 20 } = query
    const list = `nearby ${viewerId} ${own.lon} ${own.lat} ${radius}`
    const after = query.cursor === undefined ? undefined : cursors.decode<End>(list, query.cursor)
    const search = {
      viewerId,
      friendIds: await relations.listFriendIds(db, viewerId),
      hiddenIds: await relations.listHiddenFrom(db, viewerId),
      now,
    }
    const circle = { lon: own.lon, lat: own.lat, radius }
    const { found, resumeAt } = await findNearest({ circle, after, limit: limit + 1 }, (ring, most) =>
      lookForNeighbours(db, dialect.geo, ring, search, most),
    )
    const shown = found.slice(0, limit)
    const ids = shown.map(({ id }) => id)
    const users = new Map((await listVisibleUsers(db, ids, now)).map((user) => [user.id, user]))
    const data = shown.flatMap(({ id, distance, precision_m, updated_at }) => {
      const user = users.get(id)
      if (!user) return []
      const step = Math.max(precision_m, own.precision_m)
      return [{ id, user, distance_m: Math.max(1, Math.round(distance / step)) * step, precision_m: step, updated_at }]
    })
    const end = endOf(found, limit) ?? resumeAt
    const next = end ? cursors.encode(list, end) : null
    return { data, page: { limit, next_cursor: next, prev_cursor: null, has_more: next !== null } }
  }

  /** Removes those whose time is over; answers how many went. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const time = now().toISOString()
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteExpired(tx, time, limit)))
  }

  /** What is kept of somebody whose account ends. */
  async forget(tx: Db, userId: string): Promise<void> {
    await deleteLocation(tx, userId)
  }
}

const toOwn = ({ lon, lat, precision_m, share, expires_at, updated_at }: LocationRow): OwnLocation => ({
  lon,
  lat,
  precision_m,
  share: share as OwnLocation['share'],
  expires_at,
  updated_at,
})
