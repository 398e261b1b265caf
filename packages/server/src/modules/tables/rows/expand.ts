import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import { badFilter } from '../query/bad-filter.ts'
import type { Compiling, Field } from '../query/condition.ts'
import type { Expand, Selection } from '../query/selection.ts'
import { cellName, matching, orderOf, type Row, rowJson, selectRows, toRow, whereOf } from './select.ts'

/** Rows that one request may bring along, over all its relations. */
const budget = 2_000

interface Reading {
  db: Db
  context: Compiling
  exactAsText: boolean
  left: { rows: number }
}

/** The columns a row has to come with, so that what belongs to it can be found. */
export const linksOf = ({ view, expands }: Selection): Field[] =>
  expands.flatMap(({ relation }) => relation.columns.flatMap((name) => view.readable.get(name) ?? []))

/** Puts what belongs to the rows into their JSON: one query for each relation, whatever the number of rows. */
export async function expandRows(
  db: Db,
  context: Compiling,
  options: { selection: Selection; exactAsText: boolean },
  rows: readonly Row[],
): Promise<string[]> {
  return fill({ db, context, exactAsText: options.exactAsText, left: { rows: budget } }, options.selection, rows)
}

async function fill(reading: Reading, selection: Selection, rows: readonly Row[]): Promise<string[]> {
  const additions: string[][] = rows.map(() => [])
  let offset = 0
  for (const expand of selection.expands) {
    const width = expand.relation.columns.length
    const links = rows.map(({ cells }) => cells.slice(offset, offset + width))
    const found = await findRelated(reading, expand, links)
    rows.forEach((_, index) => {
      const items = found.get(JSON.stringify(links[index])) ?? []
      const value = expand.relation.kind === 'one' ? (items[0] ?? 'null') : `[${items.join(',')}]`
      additions[index]?.push(`${JSON.stringify(expand.relation.name)}:${value}`)
    })
    offset += width
  }
  return rows.map(({ json }, index) => withMembers(json, additions[index] ?? []))
}

function withMembers(json: string, members: readonly string[]): string {
  if (members.length === 0) return json
  return `${json.slice(0, -1)}${json === '{}' ? '' : ','}${members.join(',')}}`
}

/** By link, the JSON of the rows it leads to. */
async function findRelated(
  reading: Reading,
  expand: Expand,
  links: readonly (readonly (string | null)[])[],
): Promise<Map<string, string[]>> {
  const distinct = new Map(
    links
      .filter((link): link is readonly string[] => link.every((value) => value !== null))
      .map((link) => [JSON.stringify(link), link] as const),
  )
  if (distinct.size === 0) return new Map()
  const { relation, selection } = expand
  const ends = relation.references.flatMap((name) => selection.view.readable.get(name) ?? [])
  const most = relation.kind === 'one' ? distinct.size : distinct.size * expand.limit
  reading.left.rows -= most
  if (reading.left.rows < 0) throw badFilter('This would bring too many rows along; use smaller limits')
  const rows = await (relation.kind === 'one' ? readOnes : readMany)(reading, expand, ends, [...distinct.values()])
  const width = ends.length
  const inner = rows.map(({ json, cells }) => ({ json, cells: cells.slice(width) }))
  const filled = await fill(reading, selection, inner)
  const found = new Map<string, string[]>()
  rows.forEach(({ cells }, index) => {
    const link = JSON.stringify(cells.slice(0, width))
    const items = found.get(link) ?? []
    items.push(filled[index] ?? 'null')
    found.set(link, items)
  })
  return found
}

function readOnes(
  { db, context, exactAsText }: Reading,
  { selection }: Expand,
  ends: readonly Field[],
  links: readonly (readonly string[])[],
): Promise<Row[]> {
  const alias = context.alias()
  const where = [matching(ends, links, alias, context), selection.view.visible(alias)]
  const cells = [...ends, ...linksOf(selection)]
  return selectRows(db, { view: selection.view, alias, fields: selection.fields, cells, where, exactAsText }, context)
}

/** The first rows of each link, in the order asked for. */
async function readMany(
  { db, context, exactAsText }: Reading,
  { selection, sort, limit }: Expand,
  ends: readonly Field[],
  links: readonly (readonly string[])[],
): Promise<Row[]> {
  const { dialect } = context
  const alias = context.alias()
  const cells = [...ends, ...linksOf(selection)]
  const columns = [
    sql`${rowJson(selection.fields, alias, context, exactAsText)} as ${sql.id('json')}`,
    ...cells.map(({ column, ref }, index) => sql`${dialect.text(column, ref(alias))} as ${sql.id(cellName(index))}`),
  ]
  const partition = sql.join(ends.map(({ column, ref }) => dialect.comparable(column, ref(alias))))
  const where = whereOf([matching(ends, links, alias, context), selection.view.visible(alias)])
  const place = sql.id('place')
  const { rows } = await sql<Record<string, string | null>>`
    select * from (select ${sql.join(columns)},
      row_number() over (partition by ${partition} order by ${orderOf(sort, alias, context)}) as ${place}
      from ${sql.id(selection.view.table)} as ${sql.id(alias)}${where}) as ${sql.id('numbered')}
    where ${place} <= ${limit} order by ${place}`.execute(db)
  return rows.map((row) => toRow(row, cells.length))
}
