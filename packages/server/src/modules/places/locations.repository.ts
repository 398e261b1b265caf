import { type Selectable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { GeoIndex, IndexedRows } from '../../platform/db/dialects/geo.ts'
import type { Db, UserLocationsTable } from '../../platform/db/schema.ts'
import type { Located, Looked, Ring } from './nearest.ts'
import { boxesOfRing, coveredBy, isWhole } from './rings.ts'

export type LocationRow = Selectable<UserLocationsTable>

const columns = ['id', 'lon', 'lat', 'precision_m', 'share', 'expires_at', 'updated_at'] as const

/** One that still counts. */
export function findLocation(db: Db, userId: string, now: string): Promise<LocationRow | undefined> {
  return db
    .selectFrom('user_locations')
    .select(columns)
    .where('id', '=', userId)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst()
}

/** False when there is none to change. */
export async function updateLocation(
  tx: Db,
  { geo }: Pick<Dialect, 'geo'>,
  { id, ...row }: LocationRow,
): Promise<boolean> {
  const change = { ...row, ...geo.columns(row.lon, row.lat) }
  const result = await tx.updateTable('user_locations').set(change).where('id', '=', id).executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function insertLocation(tx: Db, { geo }: Pick<Dialect, 'geo'>, row: LocationRow): Promise<void> {
  const values = { ...row, ...geo.columns(row.lon, row.lat) }
  await tx.insertInto('user_locations').values(values).execute()
}

export async function deleteLocation(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('user_locations').where('id', '=', userId).execute()
}

/** Some of those whose time is over; answers how many went. */
export async function deleteExpired(tx: Db, now: string, limit: number): Promise<number> {
  const rows = await tx.selectFrom('user_locations').select('id').where('expires_at', '<=', now).limit(limit).execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  const result = await tx.deleteFrom('user_locations').where('id', 'in', ids).executeTakeFirst()
  return Number(result.numDeletedRows)
}

export interface LocationSearch {
  viewerId: string
  friendIds: readonly string[]
  hiddenIds: readonly string[]
  now: string
}

export type Neighbour = Located & Pick<LocationRow, 'precision_m' | 'updated_at'>

/** Who does not let themselves be found comes too, and is told apart: a statement reads no more than `limit`. */
function candidates({ from, where }: IndexedRows, search: LocationSearch, limit: number) {
  const id = sql.ref('user_locations.id')
  const friends =
    search.friendIds.length === 0 ? sql`` : sql` or (share = 'friends' and ${id} in (${sql.join(search.friendIds)}))`
  const hidden = [search.viewerId, ...search.hiddenIds]
  return sql<Neighbour & { is_wanted: number | string }>`select ${id}, lon, lat, precision_m, updated_at,
      case when (share = 'everyone'${friends}) and ${id} not in (${sql.join(hidden)})
        and (expires_at is null or expires_at > ${search.now}) then 1 else 0 end as is_wanted
    from ${from} where ${where} limit ${limit}`
}

/** Who is in a ring, with others around it. */
export const neighboursQueries = (geo: GeoIndex, ring: Ring, search: LocationSearch, limit: number) =>
  (geo.rowsNear && isWhole(ring)
    ? [geo.rowsNear('user_locations', ring.circle)]
    : boxesOfRing(ring).map((box) => geo.rowsIn('user_locations', box))
  ).map((rows) => candidates(rows, search, limit))

export async function lookForNeighbours(
  db: Db,
  geo: GeoIndex,
  ring: Ring,
  search: LocationSearch,
  most: number,
): Promise<Looked<Neighbour>> {
  const found = await Promise.all(neighboursQueries(geo, ring, search, most + 1).map((query) => query.execute(db)))
  const rows = found.flatMap(({ rows }) => rows)
  return {
    rows: rows.filter(({ is_wanted }) => Number(is_wanted) === 1),
    examined: rows.length,
    covered: coveredBy(geo, ring),
  }
}
