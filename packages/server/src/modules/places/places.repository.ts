import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Circle, GeoIndex, IndexedRows } from '../../platform/db/dialects/geo.ts'
import type { Db, PlacesTable } from '../../platform/db/schema.ts'
import { type Box, boxesAround } from '../../platform/geo/boxes.ts'
import type { Located } from './nearest.ts'
import type { PlaceFilter } from './place-filters.ts'

export type PlaceRow = Selectable<PlacesTable>

/** One engine has a column beside these. */
const columns = [
  ...(['id', 'owner_id', 'visibility', 'name', 'category', 'lon', 'lat', 'properties'] as const),
  ...(['version', 'created_at', 'updated_at'] as const),
] as const

/** Which places somebody looks for, among those they may see. */
export interface PlaceSearch {
  viewerId: string
  filters: readonly PlaceFilter[]
}

const batchSize = 500

export async function insertPlaces(tx: Db, { geo }: Pick<Dialect, 'geo'>, rows: readonly PlaceRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = rows.slice(start, start + batchSize).map((row) => ({ ...row, ...geo.columns(row.lon, row.lat) }))
    await tx.insertInto('places').values(batch).execute()
  }
}

/** How many somebody has, counted up to `most`. */
export async function countPlaces(db: Db, ownerId: string, most: number): Promise<number> {
  const some = db.selectFrom('places').select('id').where('owner_id', '=', ownerId).limit(most)
  const { count } = await db
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export function findPlace(db: Db, id: string): Promise<PlaceRow | undefined> {
  return db.selectFrom('places').select(columns).where('id', '=', id).executeTakeFirst()
}

export function lockPlace(tx: Db, { lock }: Pick<Dialect, 'lock'>, id: string): Promise<PlaceRow | undefined> {
  return lock.forUpdate(tx.selectFrom('places').select(columns).where('id', '=', id)).executeTakeFirst()
}

export async function updatePlace(tx: Db, { geo }: Pick<Dialect, 'geo'>, { id, ...row }: PlaceRow): Promise<void> {
  const change = { ...row, ...geo.columns(row.lon, row.lat) }
  await tx.updateTable('places').set(change).where('id', '=', id).execute()
}

export async function deletePlace(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('places').where('id', '=', id).execute()
}

export async function deletePlacesOf(tx: Db, ownerId: string): Promise<void> {
  await tx.deleteFrom('places').where('owner_id', '=', ownerId).execute()
}

export async function listPlacesById(db: Db, ids: readonly string[]): Promise<Map<string, PlaceRow>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('places')
    .select(columns)
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** What an index of places finds, cut down to what the viewer looks for: at most `limit`, in no order. */
function candidates({ from, where }: IndexedRows, { viewerId, filters }: PlaceSearch, limit: number) {
  const conditions = [
    where,
    sql`(${sql.ref('visibility')} = 'public' or ${sql.ref('owner_id')} = ${viewerId})`,
    ...filters.map(toCondition),
  ]
  return sql<Located>`select places.id, places.lon, places.lat from ${from} where ${sql.join(conditions, sql` and `)} limit ${limit}`
}

function toCondition({ field, operator, value }: PlaceFilter) {
  const column = sql.ref(`places.${field}`)
  if (operator === 'in') return sql`${column} in (${sql.join(value)})`
  return value === null ? sql`${column} ${sql.raw(operator)} null` : sql`${column} ${sql.raw(operator)} ${value}`
}

/** In a box; a few may lie just beside it. */
export const candidatesInQuery = (geo: GeoIndex, box: Box, search: PlaceSearch, limit: number) =>
  candidates(geo.rowsIn('places', box), search, limit)

/** In a circle, with others around it. */
export const candidatesNearQueries = (geo: GeoIndex, circle: Circle, search: PlaceSearch, limit: number) =>
  geo.rowsNear
    ? [candidates(geo.rowsNear('places', circle), search, limit)]
    : boxesAround(circle, circle.radius).map((box) => candidatesInQuery(geo, box, search, limit))

const all = async (db: Db, queries: readonly RawBuilder<Located>[]): Promise<Located[]> =>
  (await Promise.all(queries.map((query) => query.execute(db)))).flatMap(({ rows }) => rows)

export const listCandidatesNear = (db: Db, ...query: Parameters<typeof candidatesNearQueries>): Promise<Located[]> =>
  all(db, candidatesNearQueries(...query))

/** In several boxes that do not overlap. */
export const listCandidatesIn = (
  db: Db,
  geo: GeoIndex,
  boxes: readonly Box[],
  search: PlaceSearch,
  limit: number,
): Promise<Located[]> =>
  all(
    db,
    boxes.map((box) => candidatesInQuery(geo, box, search, limit)),
  )

/**
 * Newest first, before the id `before`: everybody's public ones, or the viewer's private ones. Each is read along its own
 * index; asked for together neither would be.
 */
export function newestQuery(
  db: Db,
  { viewerId, filters }: PlaceSearch,
  which: 'public' | 'own private',
  { before, boxes, limit }: { before?: string | undefined; boxes?: readonly Box[] | undefined; limit: number },
) {
  let query = db.selectFrom('places').select(columns)
  query =
    which === 'public'
      ? query.where('visibility', '=', 'public')
      : query.where('owner_id', '=', viewerId).where('visibility', '=', 'private')
  for (const { field, operator, value } of filters) query = query.where(field, operator, value as string)
  if (before !== undefined) query = query.where('id', '<', before)
  if (boxes)
    query = query.where((where) =>
      where.or(
        boxes.map(({ west, south, east, north }) =>
          where.and([where.between('lon', west, east), where.between('lat', south, north)]),
        ),
      ),
    )
  return query.orderBy('id', 'desc').limit(limit)
}

export async function listNewest(
  db: Db,
  search: PlaceSearch,
  page: Parameters<typeof newestQuery>[3],
): Promise<PlaceRow[]> {
  const [open, own] = await Promise.all([
    newestQuery(db, search, 'public', page).execute(),
    newestQuery(db, search, 'own private', page).execute(),
  ])
  return [...open, ...own].sort((a, b) => (a.id > b.id ? -1 : 1)).slice(0, page.limit)
}

/** The owner's own, oldest first, after the id `after`. */
export function listOwned(db: Db, ownerId: string, after: string | undefined, limit: number): Promise<PlaceRow[]> {
  let query = db.selectFrom('places').select(columns).where('owner_id', '=', ownerId)
  if (after !== undefined) query = query.where('id', '>', after)
  return query.orderBy('id').limit(limit).execute()
}
