import { sql } from 'kysely'
import type { Box } from '../../geo/boxes.ts'
import { equatorialRadius, flattening, type Position, reducedLatitude } from '../../geo/geodesic.ts'
import { boundsOf, type PlaceTest } from '../../geo/place-test.ts'
import type { Rings } from '../../geo/polygon.ts'
import type { Column } from './catalogue.ts'
import { isNumber, postgresJson } from './json-items.ts'
import type { Sql } from './tables-dialect.ts'

/** What two engines say differently about numbers and lists of them. */
interface Words {
  /** The point, in degrees to nine digits. */
  lon: Sql
  lat: Sql
  number(value: number): Sql
  /** Rows x1, y1, x2, y2 of a table `edge`. */
  edges(list: readonly Edge[]): Sql
}

type Edge = readonly [x1: number, y1: number, x2: number, y2: number]

export const sqliteLies = (value: Sql, test: PlaceTest): Sql =>
  sql`atrium_lies(${value}, atrium_place_test(${JSON.stringify(test)}))`

const isPoint = `strict $ ? (@.type == "Point" && @.coordinates.type() == "array"
  && @.coordinates.size() >= 2 && @.coordinates.size() <= 3 && @.coordinates[0] >= -180 && @.coordinates[0] <= 180
  && @.coordinates[1] >= -90 && @.coordinates[1] <= 90).coordinates`

const postgres: Words = {
  lon: sql`place.lon`,
  lat: sql`place.lat`,
  number: (value) => sql`cast(${String(value)} as double precision)`,
  edges: (list) => {
    const column = (index: 0 | 1 | 2 | 3) => sql`cast(${`{${list.map((edge) => edge[index])}}`} as double precision[])`
    return sql`unnest(${column(0)}, ${column(1)}, ${column(2)}, ${column(3)}) as edge (x1, y1, x2, y2)`
  },
}

/** A path with a condition names nothing where the value is another: casts meet numbers only. */
export function postgresLies(column: Column, value: Sql, test: PlaceTest): Sql {
  const degrees = (index: number) => sql`round((point.at ->> ${sql.lit(index)})::numeric, 9)::double precision`
  return sql`exists (select 1 from jsonb_path_query(${postgresJson(column, value)}, ${sql.lit(isPoint)}) as point (at),
    lateral (select ${degrees(0)} as lon, ${degrees(1)} as lat offset 0) as place where ${passes(test, postgres)})`
}

const mariadb: Words = {
  lon: sql`round(point.lon, 9)`,
  lat: sql`round(point.lat, 9)`,
  number: (value) => sql`cast(${String(value)} as double)`,
  edges: (list) => sql`json_table(${JSON.stringify(list)}, '$[*]' columns (
    x1 double path '$[0]', y1 double path '$[1]', x2 double path '$[2]', y2 double path '$[3]')) as edge`,
}

export function mariadbLies(value: Sql, test: PlaceTest): Sql {
  const isObject = sql`json_valid(${value}) and json_type(${value}) = 'OBJECT'
    and json_type(json_extract(${value}, '$.coordinates')) = 'ARRAY'`
  return sql`exists (select 1 from json_table(case when ${isObject} then ${value} else '{}' end, '$' columns (
      type longtext character set utf8mb4 collate utf8mb4_nopad_bin path '$.type',
      x json path '$.coordinates[0]', y json path '$.coordinates[1]', more json path '$.coordinates[3]',
      lon double path '$.coordinates[0]', lat double path '$.coordinates[1]')) as point
    where point.type = 'Point' and ${isNumber(sql`point.x`)} and ${isNumber(sql`point.y`)} and point.more is null
      and abs(point.lon) <= 180 and abs(point.lat) <= 90 and ${passes(test, mariadb)})`
}

function passes(test: PlaceTest, words: Words): Sql {
  const bounds = inBoxes(boundsOf(test), words)
  if ('boxes' in test) return bounds
  if ('near' in test) return sql`(${bounds} and ${distance(test.near, words)} <= ${words.number(test.radius)})`
  return sql`(${bounds} and (${sql.join(
    test.polygons.map((rings) => inPolygon(rings, words)),
    sql` or `,
  )}))`
}

function inBoxes(boxes: readonly Box[], { lon, lat, number }: Words): Sql {
  const within = boxes.map(({ west, south, east, north }) => {
    const [w, s, e, n] = [west, south, east, north].map(number)
    return sql`(${lat} >= ${s} and ${lat} <= ${n} and ${lon} >= ${w} and ${lon} <= ${e})`
  })
  return sql`(${sql.join(within, sql` or `)})`
}

/** What `distanceMeters` computes, step by step. */
function distance(from: Position, { lon, lat, number }: Words): Sql {
  const latitude = reducedLatitude(from.lat)
  const to = sql`atan(${number(1 - flattening)} * tan(radians(${lat})))`
  const p = sql`((${number(latitude)} + ${to}) / 2)`
  const q = sql`((${to} - ${number(latitude)}) / 2)`
  const halfTurn = sql`(radians(${lon} - ${number(from.lon)}) / 2)`
  const square = (name: 'sin' | 'cos', of: Sql) => sql`power(${sql.raw(name)}(${of}), 2)`
  const equatorward = sql`${number(Math.cos(latitude))} * cos(${to})`
  const sine = sql`(${square('sin', q)} + ${equatorward} * ${square('sin', halfTurn)})`
  const cosine = sql`(${square('sin', p)} + ${equatorward} * ${square('cos', halfTurn)})`
  const angle = sql`(2 * atan2(sqrt(${sine}), sqrt(${cosine})))`
  const x = sql`coalesce((${angle} - sin(${angle})) * ${square('sin', p)} * ${square('cos', q)} / nullif(${cosine}, 0), 0)`
  const y = sql`coalesce((${angle} + sin(${angle})) * ${square('cos', p)} * ${square('sin', q)} / nullif(${sine}, 0), 0)`
  return sql`${number(equatorialRadius)} * (${angle} - ${number(flattening / 2)} * (${x} + ${y}))`
}

/** As `Area` has it: the border of each ring belongs to what it surrounds, that of a hole to what is around it too. */
function inPolygon([outside = [], ...holes]: Rings, words: Words): Sql {
  const tests = [sql`${place(outside, words)} <> 0`, ...holes.map((hole) => sql`${place(hole, words)} <> 1`)]
  return sql`(${sql.join(tests, sql` and `)})`
}

/** Of a ring: 0 outside, 1 inside, 2 on its line. */
function place(ring: Rings[number], { lon, lat, edges }: Words): Sql {
  const list = ring.slice(1).map(([x2 = 0, y2 = 0], index): Edge => {
    const [x1 = 0, y1 = 0] = ring[index] ?? []
    return [x1, y1, x2, y2]
  })
  const side = sql`((edge.x2 - edge.x1) * (${lat} - edge.y1) - (${lon} - edge.x1) * (edge.y2 - edge.y1))`
  const isOn = sql`${side} = 0 and ${lon} between least(edge.x1, edge.x2) and greatest(edge.x1, edge.x2)
    and ${lat} between least(edge.y1, edge.y2) and greatest(edge.y1, edge.y2)`
  const isCrossed = sql`(edge.y1 > ${lat}) <> (edge.y2 > ${lat})
    and case when edge.y2 > edge.y1 then ${side} > 0 else ${side} < 0 end`
  const count = (test: Sql) => sql`sum(case when ${test} then 1 else 0 end)`
  return sql`(select case when ${count(isOn)} > 0 then 2 else mod(${count(isCrossed)}, 2) end from ${edges(list)})`
}
