import { type RawBuilder, sql } from 'kysely'
import type { Box } from '../../geo/boxes.ts'
import type { Db } from '../schema.ts'

export interface Circle {
  lon: number
  lat: number
  /** Metres. */
  radius: number
}

/** For `select … from <from> where <where>`; the table keeps its name. */
export interface IndexedRows {
  from: RawBuilder<unknown>
  where: RawBuilder<boolean>
}

/**
 * The engine's own spatial index over the columns `lon` and `lat` of a table with the key `id`. It only narrows: what a
 * row's distance is, and what lies within, is decided by one code for all engines (platform/geo).
 */
export interface GeoIndex {
  /** Can be repeated. The table must be empty the first time. */
  createIndex(db: Db, table: string): Promise<void>
  /** Beside lon and lat, what an insert or an update of them writes. */
  columns(lon: number, lat: number): Record<string, RawBuilder<unknown>>
  /**
   * The table by its index, and the condition that cuts it down to the rows in a box and perhaps some beside it. Read
   * only as far as the limit of the query, in no order.
   */
  rowsIn(table: string, box: Box): IndexedRows
  /** The same by a circle, where the engine has something better than boxes. */
  rowsNear?: ((table: string, circle: Circle) => IndexedRows) | undefined
}

/** An index may keep coordinates in fewer digits than the row. */
const slack = 1e-5

const wider = ({ west, south, east, north }: Box): Box => ({
  west: west - slack,
  south: south - slack,
  east: east + slack,
  north: north + slack,
})

/**
 * An R*Tree beside the table, kept by triggers. It holds the ids: numbers of rows would be moved by VACUUM. A row's entry
 * is found again by where it lies.
 */
export const sqliteGeo: GeoIndex = {
  async createIndex(db, table) {
    const [rows, index] = [sql.table(table), sql.table(`${table}_area`)]
    await sql`create virtual table if not exists ${index} using rtree(entry, west, east, south, north, +id text)`.execute(
      db,
    )
    const add = sql`insert into ${index}(west, east, south, north, id) values (new.lon, new.lon, new.lat, new.lat, new.id)`
    const remove = sql`delete from ${index} where west <= old.lon and east >= old.lon and south <= old.lat and north >= old.lat and id = old.id`
    const trigger = (event: string) => sql.id(`${table}_area_${event}`)
    await sql`create trigger if not exists ${trigger('insert')} after insert on ${rows} begin ${add}; end`.execute(db)
    await sql`create trigger if not exists ${trigger('delete')} after delete on ${rows} begin ${remove}; end`.execute(
      db,
    )
    await sql`create trigger if not exists ${trigger('update')} after update of lon, lat on ${rows} begin ${remove}; ${add}; end`.execute(
      db,
    )
  },
  columns: () => ({}),
  rowsIn(table, box) {
    const { west, south, east, north } = wider(box)
    const [rows, index] = [sql.table(table), sql.table(`${table}_area`)]
    const at = (column: string) => sql.ref(`${table}_area.${column}`)
    return {
      // Joined the other way round the index would be asked for every row.
      from: sql`${index} cross join ${rows} on ${sql.ref(`${table}.id`)} = ${at('id')}`,
      where: sql`${at('west')} <= ${east} and ${at('east')} >= ${west} and ${at('south')} <= ${north} and ${at('north')} >= ${south}`,
    }
  },
}

/** A GiST index of PostgreSQL itself; it needs no extension. */
const plainPostgresGeo: GeoIndex = {
  async createIndex(db, table) {
    await sql`create index if not exists ${sql.id(`${table}_area`)} on ${sql.table(table)} using gist (point(lon, lat))`.execute(
      db,
    )
  },
  columns: () => ({}),
  rowsIn(table, box) {
    const { west, south, east, north } = wider(box)
    const corner = (lon: number, lat: number) => sql`point(${lon}::float8, ${lat}::float8)`
    return {
      from: sql.table(table),
      where: sql`point(lon, lat) <@ box(${corner(west, south)}, ${corner(east, north)})`,
    }
  },
}

/** PostGIS measures on a sphere here, which is off by less than this. */
const sphereTolerance = 1.01

const geography = (lon: RawBuilder<unknown>, lat: RawBuilder<unknown>) =>
  sql`(st_setsrid(st_makepoint(${lon}, ${lat}), 4326)::geography)`

const withPostgis: GeoIndex = {
  ...plainPostgresGeo,
  rowsNear(table, { lon, lat, radius }) {
    const center = geography(sql`${lon}::float8`, sql`${lat}::float8`)
    const reach = radius * sphereTolerance + 1
    return {
      from: sql.table(table),
      where: sql`st_dwithin(${geography(sql`lon`, sql`lat`)}, ${center}, ${reach}::float8, false)`,
    }
  },
}

/** With PostGIS circles are looked up among geographies, which know poles and the antimeridian. */
export class PostgresGeo implements GeoIndex {
  #geo = plainPostgresGeo

  createIndex(db: Db, table: string): Promise<void> {
    return plainPostgresGeo.createIndex(db, table)
  }

  columns(lon: number, lat: number) {
    return this.#geo.columns(lon, lat)
  }

  rowsIn(table: string, box: Box): IndexedRows {
    return this.#geo.rowsIn(table, box)
  }

  get rowsNear(): NonNullable<GeoIndex['rowsNear']> | undefined {
    return this.#geo.rowsNear
  }

  /** Makes use of PostGIS where the database has it by now: the extension is the operator's to create, or to leave out. */
  async enable(db: Db, tables: readonly string[]): Promise<void> {
    const { rows } = await sql<{ is_there: boolean }>`select to_regtype('geography') is not null as is_there`.execute(
      db,
    )
    if (!rows[0]?.is_there) return
    for (const table of tables) {
      await sql`create index if not exists ${sql.id(`${table}_geography`)} on ${sql.table(table)}
        using gist (${geography(sql`lon`, sql`lat`)})`.execute(db)
    }
    this.#geo = withPostgis
  }
}

/** InnoDB's R-tree wants a column of its own that is never null. */
export const mariadbGeo: GeoIndex = {
  async createIndex(db, table) {
    await sql`alter table ${sql.table(table)} add column if not exists location point not null`.execute(db)
    await sql`create spatial index if not exists ${sql.id(`${table}_area`)} on ${sql.table(table)} (location)`.execute(
      db,
    )
  },
  columns: (lon, lat) => ({ location: sql`point(${lon}, ${lat})` }),
  rowsIn(table, box) {
    const { west, south, east, north } = wider(box)
    const ring = [west, south, east, north]
    const [w, s, e, n] = ring.map((number) => number.toFixed(6))
    const polygon = `POLYGON((${w} ${s},${e} ${s},${e} ${n},${w} ${n},${w} ${s}))`
    return { from: sql.table(table), where: sql`mbrintersects(st_geomfromtext(${polygon}), location)` }
  },
}
