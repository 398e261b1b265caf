import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { type Box, isWithinAny } from '../../platform/geo/boxes.ts'
import { maxDistance, type Position } from '../../platform/geo/geodesic.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { parseArea, parseBbox, parseNear, radiusAlone } from './coordinates.ts'
import { type End, endOf, findNearest, type Located } from './nearest.ts'
import { type ExportFormat, exportPlaces } from './place-export.ts'
import { filtersOf, filtersOfQuery } from './place-filters.ts'
import { toPlace } from './place-views.ts'
import {
  listFew,
  listIn,
  listNewest,
  listPlacesById,
  lookAt,
  type PlaceRow,
  type PlaceSearch,
} from './places.repository.ts'
import type { Place, PlaceList, PlaceQuery, PlacesWithin } from './places.schema.ts'
import { Reaches } from './reaches.ts'

export interface PlaceSearchDependencies {
  database: DatabaseHandle
  cursors: Cursors
}

/** Where places lie: boxes, and perhaps something finer inside them. */
interface Region {
  boxes: readonly Box[]
  contains(position: Position): boolean
}

interface Paging {
  /** The cursor fits this one list and these one conditions. */
  list: string
  limit: number
  cursor: string | undefined
}

/** An area with more places than this is read from its newest end instead of all of it being sorted. */
const sparse = 2_000
/** So many of one kind are sorted by distance where nearer rings have hardly any. */
const few = 2_000
/** In square degrees. */
const largeArea = 25
const newestBatch = 500
const walkBatch = 1_000
/** An answer looks at so many batches at most; then the page is shorter, and its cursor leads on. */
const maxBatches = 50

/** Places that somebody may see: public ones and their own. */
export class PlaceSearchService {
  readonly #deps: PlaceSearchDependencies
  readonly #reaches = new Reaches()

  constructor(deps: PlaceSearchDependencies) {
    this.#deps = deps
  }

  /** Newest first, or nearest first with `near`. Throws validation_failed, bad_filter, bad_cursor. */
  async list({ userId: viewerId }: Actor, query: PlaceQuery): Promise<PlaceList> {
    const search = { viewerId, filters: filtersOfQuery(query, viewerId) }
    const boxes = query.bbox === undefined ? undefined : parseBbox(query.bbox)
    const region = boxes && { boxes, contains: (position: Position) => isWithinAny(boxes, position) }
    const { limit = 20, cursor, ...conditions } = query
    const paging = { list: `places ${JSON.stringify(Object.entries(conditions).sort())}`, limit, cursor }
    if (query.near === undefined && query.radius !== undefined) throw radiusAlone()
    if (query.near === undefined) return this.#newest(search, region, paging)
    return this.#nearest(search, parseNear(query.near), query.radius ?? maxDistance, region, paging)
  }

  /** The caller’s own, as a stream. */
  export(actor: Actor, format: ExportFormat) {
    return exportPlaces(this.#deps.database, actor, format)
  }

  /** Those in a polygon, newest first. Throws validation_failed, bad_filter, bad_cursor. */
  async within({ userId: viewerId }: Actor, query: PlacesWithin): Promise<PlaceList> {
    const { limit = 20, cursor, ...conditions } = query
    const short = filtersOfQuery({ category: query.category }, viewerId)
    const search = { viewerId, filters: [...short, ...filtersOf(query.filter ?? {}, viewerId)] }
    const area = parseArea(query.polygon)
    const region = { boxes: area.bounds, contains: (position: Position) => area.contains(position) }
    return this.#newest(search, region, { list: `within ${JSON.stringify(conditions)}`, limit, cursor })
  }

  async #nearest(
    search: PlaceSearch,
    center: Position,
    radius: number,
    region: Region | undefined,
    { list, limit, cursor }: Paging,
  ): Promise<PlaceList> {
    const { cursors } = this.#deps
    const { db, dialect } = this.#deps.database
    const after = cursor === undefined ? undefined : cursors.decode<End>(list, cursor)
    let byCategory = false
    const within = (rows: readonly Located[]) => rows.filter((row) => !region || region.contains(row))
    const { expected, remember } = this.#reaches.at(center, JSON.stringify(search.filters), after?.[0] ?? 0, limit)
    const { found, resumeAt } = await findNearest(
      {
        circle: { ...center, radius },
        after,
        limit: limit + 1,
        reach: expected,
        few: async () => {
          const rows = await listFew(db, search, few)
          byCategory = rows === undefined
          return rows && within(rows)
        },
      },
      async (ring, most) => {
        const looked = await lookAt(db, dialect.geo, ring, search, { most, byCategory })
        return { ...looked, rows: within(looked.rows) }
      },
    )
    const end = endOf(found, limit)
    if (end) remember(end[0])
    const shown = found.slice(0, limit)
    const rows = await listPlacesById(
      db,
      shown.map(({ id }) => id),
    )
    const data = shown.flatMap(({ id, distance }) => {
      const row = rows.get(id)
      return row ? [toPlace(row, distance)] : []
    })
    const next = end ?? resumeAt
    return pageOf(data, limit, next ? cursors.encode(list, next) : null)
  }

  async #newest(search: PlaceSearch, region: Region | undefined, { list, limit, cursor }: Paging): Promise<PlaceList> {
    const { cursors } = this.#deps
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>(list, cursor)
    const { rows, resumeAt } = await this.#find(search, region, before, limit + 1)
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1)?.id : resumeAt
    return pageOf(
      shown.map((row) => toPlace(row)),
      limit,
      last === undefined ? null : cursors.encode(list, [last]),
    )
  }

  /** By what is cheapest; each way alone would do. */
  async #find(search: PlaceSearch, region: Region | undefined, before: string | undefined, limit: number) {
    if (!region) return { rows: await listNewest(this.#deps.database.db, search, { before, limit }) }
    return (
      (await this.#amongNewest(search, region, before, limit)) ??
      (await this.#fewIn(search, region, before, limit)) ??
      (await this.#walk(search, region, before, limit))
    )
  }

  /** Where a region is large the newest rows may do: its index would name very many. */
  async #amongNewest(
    search: PlaceSearch,
    { boxes, contains }: Region,
    before: string | undefined,
    limit: number,
  ): Promise<Found | undefined> {
    const size = boxes.reduce((sum, { west, south, east, north }) => sum + (east - west) * (north - south), 0)
    if (size < largeArea) return undefined
    const newest = await listNewest(this.#deps.database.db, search, { before, limit: newestBatch })
    const rows = newest.filter(contains)
    return rows.length >= limit || newest.length < newestBatch ? { rows } : undefined
  }

  /** All of a region by its index, sorted here; undefined when they are many. */
  async #fewIn(
    search: PlaceSearch,
    { boxes, contains }: Region,
    before: string | undefined,
    limit: number,
  ): Promise<Found | undefined> {
    const { db, dialect } = this.#deps.database
    const found = await listIn(db, dialect.geo, boxes, search, sparse)
    if (!found) return undefined
    // Polygons of one area may overlap.
    const ids = new Set(found.filter(contains).map(({ id }) => id))
    const page = [...ids]
      .filter((id) => before === undefined || id < before)
      .sort((a, b) => (a > b ? -1 : 1))
      .slice(0, limit)
    const rows = await listPlacesById(db, page)
    return { rows: page.flatMap((id) => rows.get(id) ?? []) }
  }

  /** From the newest on, until the page is full. */
  async #walk(search: PlaceSearch, region: Region, before: string | undefined, limit: number): Promise<Found> {
    const { db } = this.#deps.database
    const rows: PlaceRow[] = []
    let place = before
    for (let batch = 1; ; batch++) {
      const page = { before: place, boxes: region.boxes, limit: batch === 1 ? limit : walkBatch }
      const next = await listNewest(db, search, page)
      rows.push(...next.filter(region.contains))
      place = next.at(-1)?.id
      if (rows.length >= limit || next.length < page.limit) return { rows }
      if (batch === maxBatches) return { rows, resumeAt: place }
      // SQLite answers without ever letting anybody else have a turn.
      await pause(0)
    }
  }
}

interface Found {
  rows: PlaceRow[]
  /** Where to look on, when the page is not full and there may be more. */
  resumeAt?: string | undefined
}

const pageOf = (data: Place[], limit: number, next: string | null): PlaceList => ({
  data,
  page: { limit, next_cursor: next, prev_cursor: null, has_more: next !== null },
})
