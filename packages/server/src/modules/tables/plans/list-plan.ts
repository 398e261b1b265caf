import type { Column, ColumnType } from '../../../platform/db/tables/catalogue.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import type { Field } from '../query/condition.ts'
import { type ListQuery, parseListRequest } from '../query/list-request.ts'
import { Later, Unplannable } from '../query/stand-ins.ts'
import { listOf } from '../rows/row-page.ts'
import { cellName, from, orderOf, rowsText, textCells } from '../rows/select.ts'
import { type Planning, type Statement, statementOf } from './row-plans.ts'
import { type ReadRow, type RowReader, rowReader } from './row-reader.ts'

type Tests = NonNullable<ListQuery['short']>

/** A list as its address asks for it, without the values of its tests. */
export interface ListForm {
  table: string
  tests: Tests
  sort: string
  fields: string
  limit: number
}

/** Where a page begins: at the first row, behind a row, or before it. */
export type Beginning = 'first' | 'behind' | 'before'

/** One page of a list, with one row more. */
export class ListPlan {
  /** What its cursors belong to. */
  readonly list: string
  readonly limit: number
  readonly hasKey: boolean
  readonly #reader: RowReader
  readonly #places: readonly ((row: ReadRow) => string | null)[]
  readonly #statement: Statement

  constructor({ access, standIns }: Planning, form: ListForm, literal: readonly number[], beginning: Beginning) {
    const view = access.view(form.table, 'list')
    const short = form.tests.map(
      ([path, operator, value], index) => [path, operator, literal.includes(index) ? value : new Later(index)] as const,
    )
    const request = parseListRequest(view, { ...form, short })
    const { sort, selection, limit } = request
    // What is brought along takes further statements.
    if (selection.expands.length > 0) throw new Unplannable()
    const { compiling: context } = access
    const alias = context.alias()
    this.list = listOf(view, request)
    this.limit = limit
    this.hasKey = view.key.length > 0
    this.#reader = rowReader(selection.fields, alias, context)
    const isBackwards = beginning === 'before'
    const place = () =>
      sort.map(({ field }, index) => standIns.of(field.column, (given) => given.place[index] as string))
    const behind = beginning === 'first' ? undefined : place()
    const where = [
      ...from(request.condition, sort, behind, { alias, context, backwards: isBackwards }),
      view.visible(alias),
    ]
    const order = sort.length > 0 ? orderOf(sort, alias, context, isBackwards) : undefined
    const unread: Field[] = []
    this.#places = sort.map(({ field }) => {
      const known = this.#reader.textOf(field)
      if (known) return known
      const name = cellName(unread.push(field) - 1)
      return (row) => (row[name] as string | null | undefined) ?? null
    })
    const columns = [...this.#reader.columns, ...textCells(unread, alias, context)]
    const text = rowsText({ view, alias, where, order, limit: limit + 1 }, columns, context)
    const tests = laterTests(view, form.tests, literal)
    const [first] = beginning === 'first' ? [] : sort
    this.#statement = statementOf(access, standIns, text, tests && { equal: tests, behind: first?.field.column })
  }

  async read(access: TableAccess, tests: readonly string[], place: readonly string[]): Promise<ReadRow[]> {
    const { me, now } = access.macros
    return this.#statement.read(access.snapshot.handle, { me, now, tests, place })
  }

  /** Undefined for rows of which only the database can tell the JSON. */
  jsonOf(rows: readonly ReadRow[]): string[] | undefined {
    const texts: string[] = []
    for (const row of rows) {
      const json = this.#reader.jsonOf(row)
      if (json === undefined) return undefined
      texts.push(json)
    }
    return texts
  }

  placeOf(row: ReadRow): (string | null)[] {
    return this.#places.map((textOf) => textOf(row))
  }
}

/** The columns that have to be equal to what comes later; undefined where something else is asked of one. */
function laterTests({ readable }: TableView, tests: Tests, literal: readonly number[]): Column[] | undefined {
  const columns: Column[] = []
  for (const [index, [path, operator]] of tests.entries()) {
    if (literal.includes(index)) continue
    const field = readable.get(path)
    if (!field?.isPlain) return undefined
    // Of numbers any test will do: no engine looks at those.
    if (operator !== 'eq' && !isNumeric.has(field.column.type)) return undefined
    columns.push(field.column)
  }
  return columns
}

const isNumeric: ReadonlySet<ColumnType> = new Set<ColumnType>(['integer', 'decimal', 'number', 'boolean'])
