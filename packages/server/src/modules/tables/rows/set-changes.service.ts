import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import type { Db } from '../../../platform/db/schema.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type Grant, type TableView } from '../policy/table-view.ts'
import { badFilter } from '../query/bad-filter.ts'
import { compile } from '../query/compile.ts'
import type { Condition } from '../query/condition.ts'
import { type ListQuery, parseCondition } from '../query/list-request.ts'
import { tablesErrors } from '../tables.errors.ts'
import { childrenFirst } from './children-first.ts'
import type { ReadingService } from './reading.service.ts'
import type { RowChanges, RowChangesDependencies } from './row-changes.ts'
import { assigned, invalidFields, parseRow } from './row-input.ts'
import { inRowTransaction } from './row-transaction.ts'
import { selectRows, whereOf } from './select.ts'
import { setAside } from './set-aside.ts'
import { assertAllowed, assertInRange, keyCondition, readerOf, writable } from './write-checks.ts'
import { mostRows } from './writing.service.ts'

export interface SetOptions {
  maxAffected: number | undefined
  ifMatch?: string | undefined
  dryRun?: boolean | undefined
}

type Keys = readonly (readonly string[])[]

/** Changes of every row that a filter finds. A row that is not seen, or not open to the change, is none of them. */
export class SetChangesService {
  readonly #deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }

  constructor(deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }) {
    this.#deps = deps
  }

  /** Answers how many. Throws max_affected_exceeded, with nothing changed, and as the update of one row. */
  async update(actor: Actor, table: string, query: ListQuery, body: unknown, options: SetOptions): Promise<number> {
    const access = await accessOf(this.#deps, actor)
    const view = writable(access, table, 'update')
    const { entry } = view
    const reader = readerOf(access, table)
    const readable = (column: string) => reader?.readable.has(column) ?? false
    const sent = parseRow(view, body, { at: '', operations: true, readable })
    const fixed = entry.key.filter((name) => sent.has(name))
    if (fixed.length > 0) {
      const message = 'The key of a row stays as it is'
      throw invalidFields(fixed.map((name) => ({ pointer: `/${name}`, code: 'read_only', message })))
    }
    if (sent.size === 0) throw invalidFields([{ pointer: '', code: 'required', message: 'Say what is to change' }])
    const grants = view.writers([...sent.keys()])
    if (grants.length === 0) throw accessErrors.forbidden()
    return this.#change(access, { view, grants, query, options }, async (db, keys) => {
      const { dialect } = access.compiling
      const set = [...sent].flatMap(([name, change]) => {
        const column = entry.table.columns.get(name)
        return column ? [sql`${sql.id(name)} = ${assigned(dialect, column, change)}`] : []
      })
      const where = whereOf([keyCondition(access, entry, keys, table)])
      await sql`update ${sql.id(table)} set ${sql.join(set)}${where}`.execute(db)
      await assertAllowed(db, access, entry, grants, keys)
      await assertInRange(db, access, entry, keys, sent)
    })
  }

  /** As `update`. */
  async delete(actor: Actor, table: string, query: ListQuery, options: SetOptions): Promise<number> {
    const access = await accessOf(this.#deps, actor)
    const view = writable(access, table, 'delete')
    return this.#change(access, { view, grants: view.grants, query, options }, async (db, keys) => {
      const where = whereOf([keyCondition(access, view.entry, keys, table)])
      await setAside(db, access, view.entry, keys)
      const order = await childrenFirst(db, access, view.entry, keys)
      await sql`delete from ${sql.id(table)}${where}${order}`.execute(db)
    })
  }

  async #change(
    access: TableAccess,
    asked: { view: TableView; grants: readonly Grant[]; query: ListQuery; options: SetOptions },
    write: (db: Db, keys: Keys) => Promise<void>,
  ): Promise<number> {
    const { view, grants, query, options } = asked
    const { entry, table } = view
    // What is found has to be seen: a filter over the rest would tell of it.
    const seen = access.view(table, 'list')
    const maxAffected = boundOf(options)
    const condition = parseCondition(seen, query)
    if (isEverything(condition)) throw badFilter('A filter says which rows are meant')
    if (entry.key.length === 0) throw badFilter('Rows of a table without a key are not changed')
    return inRowTransaction(this.#deps, access, options.dryRun, async (db, changes: RowChanges) => {
      const keys = await findKeys(db, access, { seen, grants, condition, limit: maxAffected + 1, forUpdate: true })
      if (keys.length > maxAffected)
        throw tablesErrors.max_affected_exceeded({ members: { max_affected: maxAffected } })
      if (keys.length === 0) return 0
      await changes.before(entry, keys)
      // At once: rows that point to each other go together.
      await write(db, keys)
      return keys.length
    })
  }
}

/** Of the rows that a filter finds, as far as they are seen and open to the change; in the order of their keys. */
export async function findKeys(
  db: Db,
  access: TableAccess,
  wanted: {
    seen: TableView
    grants: readonly Grant[]
    condition: Condition
    limit: number
    forUpdate: boolean
  },
): Promise<Keys> {
  const { seen, grants, condition, limit, forUpdate } = wanted
  const { compiling: context } = access
  const alias = context.alias()
  const whole = access.whole(seen.entry)
  const where = [compile(condition, alias, context), seen.visible(alias), anyOf(grants, alias, context)]
  const order = sql.join(whole.key.map(({ column, ref }) => context.dialect.comparable(column, ref(alias))))
  const query = { view: whole, alias, fields: [], cells: whole.key, where, order, limit, exactAsText: false, forUpdate }
  const rows = await selectRows(db, query, context)
  return rows.map(({ cells }) => cells.map((cell) => cell ?? ''))
}

/** Throws bad_request. */
function boundOf({ maxAffected, ifMatch }: SetOptions): number {
  if (ifMatch !== undefined)
    throw platformErrors.bad_request({ detail: 'If-Match is for one row, not for those of a filter' })
  if (maxAffected !== undefined && maxAffected <= mostRows) return maxAffected
  throw platformErrors.bad_request({
    detail: `Say how many rows may change at most: Prefer: max-affected=n, n up to ${mostRows}`,
  })
}

const isEverything = (condition: Condition): boolean => condition.kind === 'all' && condition.items.every(isEverything)
