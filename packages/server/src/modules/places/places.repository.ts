import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { GeoIndex, IndexedRows } from '../../platform/db/dialects/geo.ts'
import type { Db, PlacesTable } from '../../platform/db/schema.ts'
import type { Box } from '../../platform/geo/boxes.ts'
import type { Located, Looked, Ring } from './nearest.ts'
import type { PlaceFilter } from './place-filters.ts'
import { boxesOfRing, coveredBy, isWhole } from './rings.ts'

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

/** Named by an index; whether it is looked for, and may be seen, is said by the engine. */
export type Candidate = Located & { is_wanted: number | string }

/**
 * What an index of places names, at most `limit`, in no order. Those that are not looked for come too: otherwise one
 * statement would read on and on where little of much is wanted.
 */
function candidates({ from, where }: IndexedRows, search: PlaceSearch, limit: number) {
  return sql<Candidate>`select places.id, places.lon, places.lat, ${isWanted(search)} as is_wanted
    from ${from} where ${where} limit ${limit}`
}

function isWanted({ viewerId, filters }: PlaceSearch) {
  const isSeen = sql`(${sql.ref('visibility')} = 'public' or ${sql.ref('owner_id')} = ${viewerId})`
  return sql`case when ${sql.join([isSeen, ...filters.map(toCondition)], sql` and `)} then 1 else 0 end`
}

function toCondition({ field, operator, value }: PlaceFilter): RawBuilder<SqlBool> {
  const column = sql.ref(`places.${field}`)
  if (operator === 'in') return sql`${column} in (${sql.join(value)})`
  return value === null ? sql`${column} ${sql.raw(operator)} null` : sql`${column} ${sql.raw(operator)} ${value}`
}

/** In a box; a few may lie just beside it. */
export const candidatesInQuery = (geo: GeoIndex, box: Box, search: PlaceSearch, limit: number) =>
  candidates(geo.rowsIn('places', box), search, limit)

/** In a ring, with others around it. */
export const candidatesNearQueries = (geo: GeoIndex, ring: Ring, search: PlaceSearch, limit: number) =>
  geo.rowsNear && isWhole(ring)
    ? [candidates(geo.rowsNear('places', ring.circle), search, limit)]
    : boxesOfRing(ring).map((box) => candidatesInQuery(geo, box, search, limit))

const all = async (db: Db, queries: readonly RawBuilder<Candidate>[]): Promise<Candidate[]> =>
  (await Promise.all(queries.map((query) => query.execute(db)))).flatMap(({ rows }) => rows)

const wanted = (rows: readonly Candidate[]): Located[] =>
  rows.flatMap(({ id, lon, lat, is_wanted }) => (Number(is_wanted) === 1 ? [{ id, lon, lat }] : []))

/** The same by the index of categories, for a category that is rare here and frequent elsewhere. */
export function categoryNearQueries(ring: Ring, search: PlaceSearch, limit: number) {
  const category = categoryOf(search)
  if (!category) return undefined
  return boxesOfRing(ring).map(({ west, south, east, north }) => {
    const area = sql<boolean>`${toCondition(category)} and lat between ${south} and ${north} and lon between ${west} and ${east}`
    return candidates({ from: sql.table('places'), where: area }, search, limit)
  })
}

export async function lookAt(
  db: Db,
  geo: GeoIndex,
  ring: Ring,
  search: PlaceSearch,
  { most, byCategory }: { most: number; byCategory: boolean },
): Promise<Looked<Located>> {
  const ofCategory = byCategory ? categoryNearQueries(ring, search, most + 1) : undefined
  const rows = await all(db, ofCategory ?? candidatesNearQueries(geo, ring, search, most + 1))
  return { rows: wanted(rows), examined: rows.length, covered: coveredBy(geo, ring) }
}

/** In several boxes that do not overlap; undefined when more than `most` lie there, wanted or not. */
export async function listIn(
  db: Db,
  geo: GeoIndex,
  boxes: readonly Box[],
  search: PlaceSearch,
  most: number,
): Promise<Located[] | undefined> {
  const queries = boxes.map((box) => candidatesInQuery(geo, box, search, most + 1))
  const rows = await all(db, queries)
  return rows.length > most ? undefined : wanted(rows)
}

const categoryOf = ({ filters }: PlaceSearch) =>
  filters.find(({ field, operator }) => field === 'category' && (operator === '=' || operator === 'in'))

/** Those of one owner or of some categories, by their own index; undefined where that would be all places. */
export function fewQueries(db: Db, search: PlaceSearch, limit: number) {
  const { viewerId, filters } = search
  const owner = filters.find(({ field, operator }) => field === 'owner_id' && operator === '=')
  const category = categoryOf(search)
  const rows = db
    .selectFrom('places')
    .select(['id', 'lon', 'lat'])
    .select(isWanted(search).$castTo<number | string>().as('is_wanted'))
    .limit(limit)
  if (owner) return [rows.where('owner_id', '=', owner.value as string)]
  if (!category) return undefined
  return [
    rows.where('visibility', '=', 'public').where(toCondition(category)),
    rows.where('owner_id', '=', viewerId).where('visibility', '=', 'private'),
  ]
}

/** All that somebody looks for, wherever they lie; undefined when more than `most` would have to be read. */
export async function listFew(db: Db, search: PlaceSearch, most: number): Promise<Located[] | undefined> {
  const queries = fewQueries(db, search, most + 1)
  if (!queries) return undefined
  const rows = await Promise.all(queries.map((query) => query.execute()))
  return rows.some((some) => some.length > most) ? undefined : wanted(rows.flat())
}

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
