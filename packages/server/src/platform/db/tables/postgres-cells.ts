import { sql } from 'kysely'
import type { Column } from './catalogue.ts'
import { type Cell, pieceOfJson, plainText } from './cells.ts'
import type { Sql, TablesDialect } from './tables-dialect.ts'

/** As the types write themselves: that is cheaper than to_char, and to_json, which know many forms. */
export function postgresCell(column: Column, value: Sql, { json, text }: Pick<TablesDialect, 'json' | 'text'>): Cell {
  const written = sql`${value}::text`
  switch (column.type) {
    case 'text':
      return { value: isBare.test(column.nativeType) ? value : text(column, value), toJson: plainText }
    case 'uuid':
      return { value: written, toJson: quoted(/^[0-9a-f-]{36}$/) }
    case 'integer':
    case 'decimal':
    case 'number':
      return { value: written, toJson: number }
    case 'boolean':
      return { value: written, toJson: pieceOfJson }
    case 'date':
      return { value: written, toJson: quoted(/^\d{4}-\d\d-\d\d$/) }
    case 'time':
      return { value: written, toJson: quoted(/^\d\d:\d\d:\d\d(\.\d{1,6})?$/) }
    case 'datetime':
      return { value: written, toJson: instant }
  }
  return { value: json(column, value, false), toJson: pieceOfJson }
}

/** Of other kinds of text a cast takes away what pads them. */
const isBare = /^(text|character varying(\(\d+\))?)$/

const quoted =
  (form: RegExp) =>
  (value: unknown): string | undefined =>
    value === null ? 'null' : typeof value === 'string' && form.test(value) ? `"${value}"` : undefined

/** NaN and infinity are no numbers of JSON. */
function number(value: unknown): string | undefined {
  if (value === null) return 'null'
  return typeof value === 'string' && /^-?\d/.test(value) ? value : undefined
}

/** `2026-11-21 08:00:00.12+00`, as every session writes it, which is in UTC. */
function instant(value: unknown): string | undefined {
  if (value === null) return 'null'
  if (typeof value !== 'string') return undefined
  const [, day, clock, fraction = ''] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/.exec(value) ?? []
  return day && `"${day}T${clock}.${fraction.padEnd(fraction.length > 3 ? 6 : 3, '0')}Z"`
}
