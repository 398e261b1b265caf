import { sql } from 'kysely'
import type { Column } from './catalogue.ts'
import type { JsonItems, Sql } from './tables-dialect.ts'

/** An integer here has 64 bits, of which JSON elsewhere keeps those of a double. */
export function sqliteItems(value: Sql): JsonItems {
  const array = sql`case when json_valid(${value}) and json_type(${value}) = 'array' then ${value} else '[]' end`
  return {
    from: sql`json_each(${array}) as item`,
    is: (scalar) => {
      if (typeof scalar === 'string') return sql`(item.type = 'text' and item.value = ${scalar})`
      if (typeof scalar === 'boolean') return sql`item.type = ${sql.lit(String(scalar))}`
      return sql`(item.type in ('integer', 'real') and cast(item.value as real) = cast(${String(scalar)} as real))`
    },
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
    is: (scalar) => {
      if (typeof scalar === 'string') return sql`item.v = to_jsonb(cast(${scalar} as text))`
      if (typeof scalar === 'boolean') return sql`item.v = ${sql.lit(String(scalar))}::jsonb`
      return sql`item.number = cast(${String(scalar)} as double precision)`
    },
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

/** As they are written: the functions of the server that compare JSON take 1 for "1", or "a" for "A". */
export function mariadbItems(value: Sql): JsonItems {
  const array = sql`case when json_valid(${value}) and json_type(${value}) = 'ARRAY' then ${value} else '[]' end`
  return {
    from: sql`json_table(${array}, '$[*]' columns (
      written longtext character set utf8mb4 collate utf8mb4_nopad_bin path '$',
      raw json path '$', number double path '$')) as item`,
    is: (scalar) => {
      const type = sql`left(item.raw, 1)`
      if (typeof scalar === 'string') return sql`(${type} = '"' and item.written = ${scalar})`
      if (typeof scalar === 'boolean') return sql`item.raw = ${sql.lit(String(scalar))}`
      return sql`(${type} in ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and item.number = cast(${String(scalar)} as double))`
    },
  }
}
