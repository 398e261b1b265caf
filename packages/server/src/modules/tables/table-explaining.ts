import { sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { tellStep } from '../../platform/decision-steps.ts'
import { AppError } from '../../platform/errors.ts'
import { accessOf, type CallerAccessDependencies } from './caller-access.ts'
import type { TableAccess } from './policy/table-access.ts'
import { aggregateQueryOf, listQueryOf } from './query/asked.ts'
import { compile } from './query/compile.ts'
import type { Condition, Field } from './query/condition.ts'
import type { AggregateService } from './rows/aggregate.service.ts'
import type { ReadingService } from './rows/reading.service.ts'
import { parseKey } from './rows/row-key.ts'
import { matching, whereOf } from './rows/select.ts'
import type { WritingService } from './rows/writing.service.ts'
import type { TableAction } from './tables.schema.ts'
import type { TablesService } from './tables.service.ts'

/** A request for rows, whose parts have the form their route asks for. */
export interface TableQuestion {
  operation: string
  table: string
  /** As it stands in the address. */
  key: string
  query: Readonly<Record<string, unknown>>
  body: unknown
}

export interface TableExplainingDependencies extends CallerAccessDependencies {
  tables: TablesService
  reading: ReadingService
  writing: WritingService
  aggregates: AggregateService
}

const actions: Readonly<Record<string, TableAction>> = {
  listRows: 'list',
  queryRows: 'list',
  aggregateRows: 'list',
  getRow: 'get',
  createRows: 'create',
  replaceRow: 'update',
  updateRow: 'update',
  deleteRow: 'delete',
}

const options = { exactAsText: false, dryRun: true, isExplained: true }
const shownText = 200

/** Does what a request would do, by the services that would do it, and takes it back; the steps tell themselves. */
export class TableExplaining {
  readonly #deps: TableExplainingDependencies

  constructor(deps: TableExplainingDependencies) {
    this.#deps = deps
  }

  /** The code of the refusal, null where there is none, undefined where it cannot be told. */
  async outcome(actor: Actor, question: TableQuestion, withRows: boolean): Promise<string | null | undefined> {
    const { operation, table } = question
    if (operation === 'listTables') return null
    if (operation !== 'getTableSchema') return this.outcomeWith(await accessOf(this.#deps, actor), question, withRows)
    return this.#code(async () => {
      await this.#deps.tables.schema(actor, table)
      return null
    })
  }

  async outcomeWith(
    access: TableAccess,
    question: TableQuestion,
    withRows: boolean,
  ): Promise<string | null | undefined> {
    const { operation, table, key } = question
    const action = actions[operation]
    if (action === undefined) return undefined
    return this.#code(async () => {
      access.view(table, action)
      // Whether a row exists is something a row tells.
      if (!withRows) return undefined
      if (key !== '') await this.#tellRow(access, table, action, key)
      if (action === 'list') this.#tellRows(access, table)
      await this.#tryIt(access, question)
      return null
    })
  }

  async #code(work: () => Promise<null | undefined>): Promise<string | null | undefined> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof AppError && error.status < 500) return error.code
      throw error
    }
  }

  async #tryIt(access: TableAccess, { operation, table, key, query, body }: TableQuestion): Promise<unknown> {
    const { reading, writing, aggregates } = this.#deps
    switch (operation) {
      case 'listRows':
        return reading.listWith(access, table, listQueryOf(query), options)
      case 'queryRows':
        return reading.listWith(access, table, body as object, options)
      case 'aggregateRows':
        return aggregates.aggregateWith(access, table, aggregateQueryOf(query), false)
      case 'getRow':
        return reading.getWith(access, table, key, { ...query, ...options })
      case 'createRows':
        return writing.createWith(access, table, body, options)
      case 'deleteRow':
        return writing.deleteWith(access, table, key, options)
      default:
        return writing.updateWith(access, table, key, body, { ...options, replace: operation === 'replaceRow' })
    }
  }

  /** For each rule, which rows it opens: what a list has is what one of them opens, and its filter leaves. */
  #tellRows(access: TableAccess, table: string): void {
    const { entry, grants, isFull } = access.view(table, 'list')
    if (isFull) return
    for (const { role } of grants) {
      tellStep('rule', `rows of ${table} for ${role}`, true, {
        ...{ table, action: 'list', role, me: access.caller.userId },
        condition: entry.settings.rules?.[role]?.rows ?? {},
      })
    }
  }

  /** For each rule, whether it opens this row, with the values that decide it. */
  async #tellRow(access: TableAccess, table: string, action: TableAction, keyText: string): Promise<void> {
    const { compiling: context, snapshot } = access
    const view = access.view(table, action)
    const { entry } = view
    const whole = access.whole(entry)
    const key = parseKey(whole, keyText)
    const alias = context.alias()
    const conditions = view.grants.map(({ rows }) => rows)
    const fields = new Map(
      conditions.flatMap((rows) => (rows ? fieldsOf(rows) : [])).map((field) => [field.column.name, field]),
    )
    const names = [...fields.keys()]
    const opens = conditions.map((rows, index) => {
      const test = rows ? compile(rows, alias, context) : sql`1 = 1`
      return sql`case when ${test} then 1 else 0 end as ${sql.id(`g${index}`)}`
    })
    const cells = names.map((name, index) => {
      const { column, ref } = fields.get(name) as Field
      return sql`${context.dialect.text(column, ref(alias))} as ${sql.id(`c${index}`)}`
    })
    const where = whereOf([matching(whole.key, [key], alias, context)])
    const { rows } = await this.#deps.reading.guarded(access, () =>
      sql<Record<string, unknown>>`
        select ${sql.join([...opens, ...cells])} from ${sql.id(table)} as ${sql.id(alias)}${where}`.execute(
        snapshot.handle.db,
      ),
    )
    const [row] = rows
    tellStep('rule', `there is such a row in ${table}`, row !== undefined, { table, action })
    if (!row) return
    const held = Object.fromEntries(names.map((name, index) => [name, short(row[`c${index}`])]))
    view.grants.forEach(({ role, rows: condition }, index) => {
      if (!condition) return
      tellStep('rule', `rows of ${table} for ${role}`, Number(row[`g${index}`]) === 1, {
        ...{ table, action, role, me: access.caller.userId },
        condition: entry.settings.rules?.[role]?.rows ?? {},
        row: Object.fromEntries(fieldsOf(condition).map(({ column }) => [column.name, held[column.name]])),
      })
    })
  }
}

const short = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, shownText) : null)

/** The columns of the row itself that a condition looks at. */
function fieldsOf(condition: Condition): Field[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.items.flatMap(fieldsOf)
    case 'not':
      return fieldsOf(condition.item)
    case 'test':
      return [condition.field]
    case 'related':
      return [...condition.columns]
  }
}
