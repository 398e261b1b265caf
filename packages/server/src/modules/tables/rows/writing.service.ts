import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import type { Db } from '../../../platform/db/schema.ts'
import { accessErrors } from '../../../platform/policy.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import { NewRows } from '../plans/new-rows.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { holdRow } from './held-row.ts'
import type { ReadingService } from './reading.service.ts'
import type { RowChanges, RowChangesDependencies } from './row-changes.ts'
import { assigned, invalidFields, parseRow } from './row-input.ts'
import { parseKey } from './row-key.ts'
import { insertPrepared, prepareNew, resets, withoutKey } from './row-making.ts'
import { inRowTransaction } from './row-transaction.ts'
import { whereOf } from './select.ts'
import { setAside } from './set-aside.ts'
import { assertAllowed, assertInRange, keyCondition, readerOf, writable } from './write-checks.ts'
import { type WrittenRow, writtenRows } from './written-rows.ts'

export interface WriteOptions {
  ifMatch?: string | undefined
  exactAsText: boolean
  /** Everything is done, checked and taken back. */
  dryRun?: boolean | undefined
  /** Of one call; 1,000 when left out. */
  maxRows?: number
  /** What was written is not read again for an answer. */
  isUnread?: boolean
}

export const mostRows = 1000

/** Changes of rows, each in a transaction of the tables' own database. */
export class WritingService {
  readonly #deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }
  readonly #newRows: NewRows

  constructor(deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }) {
    this.#deps = deps
    this.#newRows = new NewRows(deps)
  }

  /** All rows or none. Throws already_exists, foreign_key_conflict, validation_failed, unknown_field, forbidden. */
  async create(actor: Actor, table: string, body: unknown, options: WriteOptions): Promise<WrittenRow[]> {
    const access = await accessOf(this.#deps, actor)
    const isPlain = !Array.isArray(body) && !options.dryRun && !options.exactAsText
    const made = isPlain && (await this.#deps.reading.guarded(access, () => this.#newRows.make(access, table, body)))
    return made ? [made] : this.createWith(access, table, body, options)
  }

  async createWith(access: TableAccess, table: string, body: unknown, options: WriteOptions): Promise<WrittenRow[]> {
    const view = writable(access, table, 'create')
    const { maxRows = mostRows } = options
    const given = Array.isArray(body) ? (body as unknown[]) : [body]
    if (given.length > maxRows || given.length === 0) {
      const message = `Send 1 to ${maxRows} rows at a time`
      throw invalidFields([{ pointer: '', code: 'invalid', message }])
    }
    const prepared = given.map((row, index) => prepareNew(view, row, Array.isArray(body) ? `/${index}` : '', access))
    return this.#inTransaction(access, options, async (db, changes) => {
      const keys = await insertPrepared(db, access, view.entry, prepared, changes)
      return writtenRows(db, access, table, keys, given.length, options)
    })
  }

  /** `replace`: what is not sent becomes its default, or null. */
  async update(
    actor: Actor,
    table: string,
    keyText: string,
    body: unknown,
    options: WriteOptions & { replace: boolean },
  ): Promise<WrittenRow> {
    return this.updateWith(await accessOf(this.#deps, actor), table, keyText, body, options)
  }

  async updateWith(
    access: TableAccess,
    table: string,
    keyText: string,
    body: unknown,
    options: WriteOptions & { replace: boolean },
  ): Promise<WrittenRow> {
    const view = writable(access, table, 'update')
    const reader = readerOf(access, table)
    const key = parseKey(access.whole(view.entry), keyText)
    const isReadable = (column: string) => reader?.readable.has(column) ?? false
    const sent = parseRow(view, withoutKey(body, view.entry, key), {
      at: '',
      operations: !options.replace,
      readable: isReadable,
    })
    const grants = view.writers([...sent.keys()])
    if (grants.length === 0) throw accessErrors.forbidden()
    return this.#inTransaction(access, options, async (db, changes) => {
      const { dialect } = access.compiling
      await holdRow(db, access, view.entry, key, { grants, reader, sent, ifMatch: options.ifMatch })
      await changes.before(view.entry, [key])
      const set = [...sent].flatMap(([name, change]) => {
        const column = view.entry.table.columns.get(name)
        return column ? [sql`${sql.id(name)} = ${assigned(dialect, column, change)}`] : []
      })
      if (options.replace) set.push(...resets(access, view, grants, sent))
      if (set.length > 0) {
        const where = whereOf([keyCondition(access, view.entry, [key], view.table)])
        await sql`update ${sql.id(view.table)} set ${sql.join(set)}${where}`.execute(db)
        await assertAllowed(db, access, view.entry, grants, [key])
        await assertInRange(db, access, view.entry, [key], sent)
      }
      const [written] = await writtenRows(db, access, table, [key], 1, options)
      return written as WrittenRow
    })
  }

  async delete(
    actor: Actor,
    table: string,
    keyText: string,
    options: Omit<WriteOptions, 'exactAsText'>,
  ): Promise<void> {
    await this.deleteWith(await accessOf(this.#deps, actor), table, keyText, options)
  }

  async deleteWith(
    access: TableAccess,
    table: string,
    keyText: string,
    options: Omit<WriteOptions, 'exactAsText'>,
  ): Promise<void> {
    const { ifMatch } = options
    const view = writable(access, table, 'delete')
    const key = parseKey(access.whole(view.entry), keyText)
    const reader = readerOf(access, table)
    await this.#inTransaction(access, options, async (db, changes) => {
      await holdRow(db, access, view.entry, key, { grants: view.grants, reader, sent: new Map(), ifMatch })
      await changes.before(view.entry, [key])
      await setAside(db, access, view.entry, [key])
      const where = whereOf([keyCondition(access, view.entry, [key], view.table)])
      await sql`delete from ${sql.id(view.table)}${where}`.execute(db)
    })
  }

  #inTransaction<T>(
    access: TableAccess,
    { dryRun }: { dryRun?: boolean | undefined },
    work: (db: Db, changes: RowChanges) => Promise<T>,
  ): Promise<T> {
    return inRowTransaction(this.#deps, access, dryRun, work)
  }
}
