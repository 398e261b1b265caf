import { sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { tellStep } from '../../platform/decision-steps.ts'
import { AppError } from '../../platform/errors.ts'
import { type Foreseen, foreseeBatch } from './batch/batch-explaining.ts'
import type { One } from './batch/batch-requests.ts'
import { accessOf, type CallerAccessDependencies } from './caller-access.ts'
import { parseKeepingDigits } from './exact-json.ts'
import type { DeletedRowsService } from './history/deleted-rows.service.ts'
import type { TableAccess } from './policy/table-access.ts'
import { aggregateQueryOf, conflictOf, listQueryOf } from './query/asked.ts'
import { compile } from './query/compile.ts'
import type { Condition, Field } from './query/condition.ts'
import type { AggregateService } from './rows/aggregate.service.ts'
import type { ReadingService } from './rows/reading.service.ts'
import { parseKey } from './rows/row-key.ts'
import { matching, whereOf } from './rows/select.ts'
import type { UpsertService } from './rows/upsert.service.ts'
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
  headers?: Readonly<Record<string, string>> | undefined
}

export interface TableExplainingDependencies extends CallerAccessDependencies {
  tables: TablesService
  reading: ReadingService
  writing: WritingService
  aggregates: AggregateService
  upserts: UpsertService
  deleted: DeletedRowsService
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
  restoreRow: 'delete',
}

const shape = { exactAsText: false, isExplained: true }
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
    return (await this.#foresee(access, question, withRows, true)).code
  }

  /** Of a batch: the requests in turn, by `foresee`, which says for each what `inBatch` made of it. */
  async batchOutcome(
    requests: readonly One[],
    foresee: (one: One) => Promise<Foreseen>,
  ): Promise<string | null | undefined> {
    return foreseeBatch(await this.#deps.registry.snapshot(), requests, foresee)
  }

  /** Done and not taken back: whoever asks has opened the transaction that is. */
  async inBatch(actor: Actor, question: TableQuestion, withRows: boolean): Promise<Foreseen> {
    const { operation } = question
    if (operation === 'listTables' || operation === 'getTableSchema')
      return { code: await this.outcome(actor, question, withRows) }
    return this.#foresee(await accessOf(this.#deps, actor), question, withRows, false)
  }

  async #foresee(access: TableAccess, question: TableQuestion, withRows: boolean, dryRun: boolean): Promise<Foreseen> {
    const { operation, table, key } = question
    const action = actions[operation]
    if (action === undefined) return { code: undefined }
    let answer: unknown
    const code = await this.#code(async () => {
      access.view(table, action)
      // Whether a row exists is something a row tells.
      if (!withRows) return undefined
      if (key !== '' && operation !== 'restoreRow') await this.#tellRow(access, table, action, key)
      if (action === 'list') this.#tellRows(access, table)
      answer = await this.#tryIt(access, question, dryRun)
      return null
    })
    return { code, answer: code === null ? answer : undefined }
  }

  async #code(work: () => Promise<null | undefined>): Promise<string | null | undefined> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof AppError && error.status < 500) return error.code
      throw error
    }
  }

  /** What is answered; undefined where that is nothing, or not told here. */
  async #tryIt(access: TableAccess, question: TableQuestion, dryRun: boolean): Promise<unknown> {
    const { reading, writing, aggregates, deleted } = this.#deps
    const { operation, table, key, query, body, headers = {} } = question
    const options = { ...shape, dryRun, ifMatch: headers['if-match'] }
    switch (operation) {
      case 'listRows':
        return parsed(await reading.listWith(access, table, listQueryOf(query), shape))
      case 'queryRows':
        return parsed(await reading.listWith(access, table, body as object, shape))
      case 'aggregateRows':
        await aggregates.aggregateWith(access, table, aggregateQueryOf(query), false)
        return undefined
      case 'getRow':
        return parsed((await reading.getWith(access, table, key, { ...query, ...shape })).json)
      case 'createRows':
        return this.#tryNew(access, question, dryRun)
      case 'deleteRow':
        await writing.deleteWith(access, table, key, options)
        return null
      case 'restoreRow':
        return parsed((await deleted.restoreWith(access, table, key, options)).json)
      default:
        return parsed(
          (await writing.updateWith(access, table, key, body, { ...options, replace: operation === 'replaceRow' }))
            .json,
        )
    }
  }

  /** As the route does: rows that are there are changed where that is asked for. */
  async #tryNew(access: TableAccess, { table, query, body, headers = {} }: TableQuestion, dryRun: boolean) {
    const { writing, upserts } = this.#deps
    const options = { ...shape, dryRun }
    const conflict = conflictOf(query as Parameters<typeof conflictOf>[0])
    const rows = conflict
      ? (await upserts.upsertWith(access, table, body, { ...options, ...conflict, ifMatch: headers['if-match'] })).rows
      : await writing.createWith(access, table, body, options)
    const answers = rows.map(({ json }) => parsed(json) ?? {})
    return Array.isArray(body) ? { data: answers } : answers[0]
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

const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : parseKeepingDigits(json))

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
