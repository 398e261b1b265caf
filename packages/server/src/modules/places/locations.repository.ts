import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Circle, GeoIndex, IndexedRows } from '../../platform/db/dialects/geo.ts'
import type { Db, UserLocationsTable } from '../../platform/db/schema.ts'
import { boxesAround } from '../../platform/geo/boxes.ts'
import type { Located } from './nearest.ts'

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

function candidates({ from, where }: IndexedRows, search: LocationSearch, limit: number): RawBuilder<Neighbour> {
  const id = sql.ref('user_locations.id')
  const friends =
    search.friendIds.length === 0 ? sql`` : sql` or (share = 'friends' and ${id} in (${sql.join(search.friendIds)}))`
  const hidden = [search.viewerId, ...search.hiddenIds]
  return sql`select ${id}, lon, lat, precision_m, updated_at from ${from} where ${where}
    and (share = 'everyone'${friends}) and ${id} not in (${sql.join(hidden)})
    and (expires_at is null or expires_at > ${search.now}) limit ${limit}`
}

/** Who lets the viewer find them in a circle, in no order, with others around it. */
export const neighboursQueries = (geo: GeoIndex, circle: Circle, search: LocationSearch, limit: number) =>
  (geo.rowsNear
    ? [geo.rowsNear('user_locations', circle)]
    : boxesAround(circle, circle.radius).map((box) => geo.rowsIn('user_locations', box))
  ).map((rows) => candidates(rows, search, limit))

export async function listNeighbours(db: Db, ...query: Parameters<typeof neighboursQueries>): Promise<Neighbour[]> {
  const found = await Promise.all(neighboursQueries(...query).map((neighbours) => neighbours.execute(db)))
  return found.flatMap(({ rows }) => rows)
}
