import { sql } from 'kysely'
import type { Column } from './catalogue.ts'
import type { JsonItems, JsonScalar, Sql } from './tables-dialect.ts'

/** By lists, which engines look up instead of comparing with each. */
function among(
  scalars: readonly JsonScalar[],
  tests: { text(list: Sql): Sql; number(list: Sql): Sql; truth(list: Sql): Sql },
  value: (scalar: JsonScalar) => Sql,
): Sql {
  const parts = (['string', 'number', 'boolean'] as const).flatMap((type) => {
    const wanted = scalars.filter((scalar) => typeof scalar === type).map(value)
    const test = { string: tests.text, number: tests.number, boolean: tests.truth }[type]
    return wanted.length > 0 ? [test(sql`(${sql.join(wanted)})`)] : []
  })
  return sql`(${sql.join(parts, sql` or `)})`
}

/** An integer here has 64 bits, of which JSON elsewhere keeps those of a double. */
export function sqliteItems(value: Sql): JsonItems {
  const array = sql`case when atrium_in_time() and json_valid(${value}) and json_type(${value}) = 'array' then ${value} else '[]' end`
  return {
    from: sql`json_each(${array}) as item`,
    among: (scalars) =>
      among(
        scalars,
        {
          text: (list) => sql`(item.type = 'text' and item.value in ${list})`,
          number: (list) => sql`(item.type in ('integer', 'real') and cast(item.value as real) in ${list})`,
          truth: (list) => sql`item.type in ${list}`,
        },
        (scalar) => (typeof scalar === 'number' ? sql`cast(${String(scalar)} as real)` : sql`${String(scalar)}`),
      ),
    key: sql`case item.type when 'text' then '"' || item.value when 'integer' then cast(item.value as real)
      when 'real' then item.value else item.type end`,
  }
}

/** What lies beyond a double would be an error as one. */
const double = sql`case when jsonb_typeof(v) = 'number' then
  case when abs(v::numeric) < 2.5e-324 then 0 when abs(v::numeric) <= 1.7976931348623157e308 then v::numeric::float8 end end`

export function postgresItems(column: Column, value: Sql): JsonItems {
  const json = postgresJson(column, value)
  const array = sql`case when jsonb_typeof(${json}) = 'array' then ${json} else '[]'::jsonb end`
  return {
    from: sql`(select v, ${double} as number from jsonb_array_elements(${array}) as each (v)) as item`,
    among: (scalars) =>
      among(
        scalars,
        {
          text: (list) => sql`item.v in ${list}`,
          number: (list) => sql`item.number in ${list}`,
          truth: (list) => sql`item.v in ${list}`,
        },
        (scalar) =>
          typeof scalar === 'number'
            ? sql`cast(${String(scalar)} as double precision)`
            : sql`cast(${JSON.stringify(scalar)} as jsonb)`,
      ),
    key: sql`coalesce(item.number::text, item.v::text)`,
  }
}

const escaped = String.raw`\\\\`
const pair = String.raw`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`
const unreadable = String.raw`\\u(0000|[dD][89a-fA-F])`
const texts = String.raw`"([^"\\]|\\.)*"`
const vast = '[eE][+-]?0*[0-9]{4}|[0-9]{250}[0-9]{250}'

/**
 * The column as jsonb. `json` is kept as it was written, also what jsonb refuses: U+0000, half a surrogate pair, numbers
 * with thousands of digits. One such row would make every statement over the table fail: it counts as null.
 */
export function postgresJson(column: Column, value: Sql): Sql {
  if (column.nativeType !== 'json') return value
  const text = sql`${value}::text`
  const withoutPairs = sql`regexp_replace(regexp_replace(${text}, ${sql.lit(escaped)}, '', 'g'), ${sql.lit(pair)}, '', 'g')`
  return sql`case when ${withoutPairs} ~ ${sql.lit(unreadable)} then null
    when regexp_replace(${text}, ${sql.lit(texts)}, '""', 'g') ~ ${sql.lit(vast)} then null else ${value}::jsonb end`
}

/** By how it is written. */
export const isNumber = (raw: Sql): Sql =>
  sql`left(${raw}, 1) in ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')`

/** As they are written: the functions of the server that compare JSON take 1 for "1", or "a" for "A". */
export function mariadbItems(value: Sql): JsonItems {
  const array = sql`case when json_valid(${value}) and json_type(${value}) = 'ARRAY' then ${value} else '[]' end`
  return {
    from: sql`json_table(${array}, '$[*]' columns (
      written longtext character set utf8mb4 collate utf8mb4_nopad_bin path '$',
      raw json path '$', number double path '$')) as item`,
    among: (scalars) =>
      among(
        scalars,
        {
          text: (list) => sql`(left(item.raw, 1) = '"' and item.written in ${list})`,
          number: (list) => sql`(${isNumber(sql`item.raw`)} and item.number in ${list})`,
          truth: (list) => sql`item.raw in ${list}`,
        },
        (scalar) => (typeof scalar === 'number' ? sql`cast(${String(scalar)} as double)` : sql`${String(scalar)}`),
      ),
    // One collation for all of them: the server refuses to choose between several.
    key: sql`case when left(item.raw, 1) = '"' then concat('"', item.written)
      when ${isNumber(sql`item.raw`)} then convert(item.number using utf8mb4) collate utf8mb4_nopad_bin
      else item.raw collate utf8mb4_nopad_bin end`,
  }
}
