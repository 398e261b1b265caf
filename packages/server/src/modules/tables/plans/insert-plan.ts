import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Sql, TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type TableView } from '../policy/table-view.ts'
import { Unplannable } from '../query/stand-ins.ts'
import { hasHistory, type TableEntry } from '../registry.ts'
import { isFilled } from '../rows/insert.ts'
import { rowEtag } from '../rows/row-etag.ts'
import { boundValue } from '../rows/row-input.ts'
import { rowPath } from '../rows/row-key.ts'
import type { prepareNew } from '../rows/row-making.ts'
import { matching, rowsText } from '../rows/select.ts'
import { readerOf, writable } from '../rows/write-checks.ts'
import type { WrittenRow } from '../rows/written-rows.ts'
import { type Planning, type Statement, statementOf } from './row-plans.ts'
import { type RowReader, rowReader } from './row-reader.ts'

/** By column; what the database fills in itself is not among them. */
export type Values = ReadonlyMap<string, string | null>

/** What new rows of a table are judged by before they are written. */
export class CreatePlan {
  readonly view: TableView

  constructor({ access }: Planning, table: string) {
    this.view = writable(access, table, 'create')
    const { entry } = this.view
    const reader = readerOf(access, table)
    if (entry.key.length === 0 || !reader || reader.key.length === 0 || hasHistory(entry)) throw new Unplannable()
  }
}

/** A new row as far as its statements depend on it. */
export interface RowForm {
  table: string
  /** In the order of their names. */
  columns: readonly string[]
  /** Of the rules it has to satisfy. */
  roles: readonly string[]
  /** By column: values that the engine has to see. */
  literal: readonly (readonly [name: string, text: string | null])[]
}

/** Undefined for a row whose values are not put into a statement as they are, or move a counter. */
export function rowForm(
  { table, key }: TableEntry,
  { values, grants }: ReturnType<typeof prepareNew>,
  { takesAnyText, countPast }: Pick<TablesDialect, 'takesAnyText' | 'countPast'>,
): RowForm | undefined {
  if (countPast && [...values.keys()].some((name) => table.columns.get(name)?.autoIncrement)) return undefined
  const filled = key.filter((name) => !values.has(name) && isFilled(table.columns.get(name)))
  const columns = [...values.keys(), ...filled].sort()
  const seen = columns.filter((name) => {
    const column = table.columns.get(name)
    return !column || column.values !== undefined || !takesAnyText.has(column.type)
  })
  if (columns.length === 0 || seen.some((name) => table.columns.get(name)?.type !== 'boolean')) return undefined
  const literal = seen.map((name) => [name, values.get(name) ?? null] as const)
  return { table: table.name, columns, roles: grants.map(({ role }) => role), literal }
}

/** The rules do not let it in, or only the general way can tell what became of it. */
export class NotSure extends Error {}

/** Makes one row in an open transaction, and answers what its maker sees of it. */
export class InsertPlan {
  readonly entry: TableEntry
  readonly #counted: string | undefined
  readonly #insert: Statement
  readonly #read: Statement
  readonly #reader: RowReader

  constructor(begin: () => Planning, { table, columns: names, roles, literal }: RowForm) {
    const writing = begin()
    const { dialect } = writing.access.compiling
    this.entry = writable(writing.access, table, 'create').entry
    const { columns } = this.entry.table
    this.#counted = this.entry.key.find((name) => !names.includes(name) && columns.get(name)?.autoIncrement)
    const fixed = new Map(literal)
    const values = names.map((name) => {
      const column = columns.get(name)
      if (!column) throw new Unplannable()
      const text = fixed.get(name)
      if (text !== undefined) return boundValue(dialect, column, text)
      return dialect.value(
        column,
        writing.standIns.of(column, ({ row }) => row?.get(name) ?? null),
      )
    })
    const into = sql`insert into ${sql.id(table)} (${sql.join(names.map((name) => sql.id(name)))})`
    const insert = sql`${into}${dialect.beforeValues} values (${sql.join(values)})`
    this.#insert = statementOf(writing.access, writing.standIns, insert)
    const { access, standIns } = begin()
    const reader = readerOf(access, table)
    if (!reader) throw new Unplannable()
    const { compiling: context } = access
    const alias = context.alias()
    const grants = writable(access, table, 'create').grants.filter(({ role }) => roles.includes(role))
    this.#reader = rowReader([...reader.readable.values()], alias, context)
    const whole = access.whole(this.entry)
    const key = whole.key.map(({ column }, index) => standIns.of(column, ({ place }) => place[index] as string))
    const shown = [
      ...this.#reader.columns,
      sql`${flag(anyOf(grants, alias, context))} as ${sql.id('allowed')}`,
      sql`${flag(reader.visible(alias))} as ${sql.id('visible')}`,
    ]
    const where = [matching(whole.key, [key], alias, context)]
    this.#read = statementOf(access, standIns, rowsText({ view: whole, alias, where }, shown, context))
  }

  /** Throws NotSure, and what the database says to the row. */
  async make(tx: Db, access: TableAccess, row: Values): Promise<WrittenRow & { key: readonly string[] }> {
    const { me, now } = access.macros
    await this.#insert.ask(tx, { me, now, tests: [], place: [], row })
    const counted = this.#counted === undefined ? [] : await access.compiling.dialect.countedKeys(tx, 1)
    const key = this.entry.key.map((name) => (name === this.#counted ? counted[0] : row.get(name)))
    const place = key.filter((text) => typeof text === 'string')
    const [found] = place.length === key.length ? await this.#read.ask(tx, { me, now, tests: [], place }) : []
    if (!found || Number(found.allowed) !== 1) throw new NotSure()
    if (Number(found.visible) !== 1) return { key: place, json: undefined, etag: undefined, path: undefined }
    const json = this.#reader.jsonOf(found)
    if (json === undefined) throw new NotSure()
    return { key: place, json, etag: rowEtag(json), path: rowPath(this.entry, place) }
  }
}

const flag = (condition: Sql | undefined): Sql => (condition ? sql`case when ${condition} then 1 else 0 end` : sql`1`)
