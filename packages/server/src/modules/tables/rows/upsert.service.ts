import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import type { Db } from '../../../platform/db/schema.ts'
import { AppError, type FieldError, platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { Grant, TableView } from '../policy/table-view.ts'
import { badFilter } from '../query/bad-filter.ts'
import type { Field } from '../query/condition.ts'
import { isObject } from '../query/filter-parser.ts'
import { canonical, ValueError } from '../values.ts'
import { holdRow } from './held-row.ts'
import { type MergedRow, writeMerges } from './merged-rows.ts'
import type { ReadingService } from './reading.service.ts'
import type { RowChanges, RowChangesDependencies } from './row-changes.ts'
import { invalidFields, parseRow } from './row-input.ts'
import { insertPrepared, prepareNew, withoutKey } from './row-making.ts'
import { inRowTransaction } from './row-transaction.ts'
import { matching, selectRows } from './select.ts'
import { assertAllowed, readerOf, writable } from './write-checks.ts'
import { mostRows, type WriteOptions } from './writing.service.ts'
import { type WrittenRow, writtenRows } from './written-rows.ts'

export interface UpsertOptions extends WriteOptions {
  /** Columns of the key, or of something unique, with commas between. */
  onConflict: string
  /** `merge`: the row that is there is changed; `ignore`: it stays as it is. */
  resolution: 'merge' | 'ignore'
}

interface Asked {
  access: TableAccess
  view: TableView
  columns: readonly Field[]
  given: readonly unknown[]
  /** What each row is known by; undefined where a value is missing, which makes it a new row. */
  tuples: readonly (readonly string[] | undefined)[]
  at: (index: number) => string
  options: UpsertOptions
}

interface Merge extends MergedRow {
  index: number
  grants: readonly Grant[]
}

/** Engines look up so many alternatives of one statement by an index. */
const tuplesPerRead = 100

/** Rows that are added, or changed where they are there already. */
export class UpsertService {
  readonly #deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }

  constructor(deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }) {
    this.#deps = deps
  }

  /**
   * All rows or none. A row that is there and hidden from the caller is answered as when it is created: already_exists.
   * Throws bad_filter for columns that are not unique together, and as `create` and `update`.
   */
  async upsert(
    actor: Actor,
    table: string,
    body: unknown,
    options: UpsertOptions,
  ): Promise<{ rows: WrittenRow[]; isNew: boolean }> {
    const { rows, created } = await this.upsertWith(await accessOf(this.#deps, actor), table, body, options)
    return { rows, isNew: created > 0 }
  }

  async upsertWith(
    access: TableAccess,
    table: string,
    body: unknown,
    options: UpsertOptions,
  ): Promise<{ rows: WrittenRow[]; created: number; updated: number }> {
    const { maxRows = mostRows } = options
    const view = writable(access, table, 'create')
    // Asked for before it is known whether a row is there: the answer must not tell.
    if (options.resolution === 'merge') writable(access, table, 'update')
    const columns = conflictColumns(access, view, options.onConflict)
    const isList = Array.isArray(body)
    const given = isList ? (body as unknown[]) : [body]
    if (given.length > maxRows || given.length === 0) {
      throw invalidFields([{ pointer: '', code: 'invalid', message: `Send 1 to ${maxRows} rows at a time` }])
    }
    if (isList && options.ifMatch !== undefined) {
      throw platformErrors.bad_request({ detail: 'If-Match is for one row, not for a list' })
    }
    const at = (index: number) => (isList ? `/${index}` : '')
    const tuples = given.map((row, index) => tupleOf(columns, row, at(index)))
    assertDistinct(tuples, at)
    const asked: Asked = { access, view, columns, given, tuples, at, options }
    const attempt = () => {
      return inRowTransaction(this.#deps, access, options.dryRun, (db, changes) => perform(db, asked, changes))
    }
    try {
      return await attempt()
    } catch (error) {
      // Somebody else has added one of them meanwhile: the second time it is found.
      if (error instanceof AppError && error.code === 'already_exists') return attempt()
      throw error
    }
  }
}

async function perform(db: Db, asked: Asked, changes: RowChanges) {
  const { access, view, given, tuples, at, options } = asked
  const known = await lockKnown(db, asked)
  const keys = tuples.map((tuple) => (tuple ? known.get(JSON.stringify(tuple)) : undefined))
  const fresh = [...given.entries()].filter(([index]) => keys[index] === undefined)
  const merges = options.resolution === 'merge' ? mergesOf(asked, keys) : []
  await assertUnchanged(db, asked, keys[0], merges[0])
  if (fresh.length > 0) {
    const prepared = fresh.map(([index, row]) => prepareNew(view, row, at(index), access))
    const made = await insertPrepared(db, access, view.entry, prepared, changes)
    for (const [position, [index]] of fresh.entries()) keys[index] = made[position]
  }
  await merge(db, asked, merges, changes)
  const all = keys.map((key) => key ?? [])
  const rows = await writtenRows(db, access, view.table, all, given.length, options)
  return { rows, created: fresh.length, updated: merges.length }
}

/** What those that are there become. Throws unknown_field, validation_failed, forbidden. */
function mergesOf(
  { access, view, columns, given, at }: Asked,
  keys: readonly (readonly string[] | undefined)[],
): Merge[] {
  const { entry, table } = view
  const updating = writable(access, table, 'update')
  return keys.flatMap((key, index): Merge[] => {
    if (!key) return []
    const row = Object.entries(given[index] as Record<string, unknown>)
    const rest = Object.fromEntries(row.filter(([name]) => !columns.some(({ column }) => column.name === name)))
    const body = withoutKey(rest, entry, key, at(index))
    const sent = parseRow(updating, body, { at: at(index), operations: false, readable: () => false })
    const grants = updating.writers([...sent.keys()])
    if (grants.length === 0) throw accessErrors.forbidden()
    return [{ index, key, sent, grants }]
  })
}

async function merge(db: Db, { access, view }: Asked, merges: readonly Merge[], changes: RowChanges): Promise<void> {
  const { entry } = view
  const byRules = Map.groupBy(merges, ({ grants }) => grants.map(({ role }) => role).join())
  const assertEach = async () => {
    for (const [, [first, ...rest]] of byRules) {
      if (!first) continue
      const own = [first, ...rest].map(({ key }) => key)
      await assertAllowed(db, access, entry, first.grants, own)
    }
  }
  // They are locked and seen: what is not open to the change is refused, as it is by its address.
  await assertEach()
  const keys = merges.map(({ key }) => key)
  await changes.before(entry, keys)
  await writeMerges(db, access, entry, merges)
  await assertEach()
}

/** Of one row with If-Match: it has to be there, and as the caller knows it. */
async function assertUnchanged(
  db: Db,
  { access, view, options }: Asked,
  key: readonly string[] | undefined,
  change: Merge | undefined,
): Promise<void> {
  const { ifMatch } = options
  if (ifMatch === undefined) return
  if (!key) throw platformErrors.precondition_failed({ members: { conflicts: [] } })
  const reader = readerOf(access, view.table)
  const grants = change?.grants ?? reader?.grants ?? []
  await holdRow(db, access, view.entry, key, { grants, reader, sent: change?.sent ?? new Map(), ifMatch })
}

/** The columns as the caller sees them. Throws bad_filter. */
export function conflictColumns(access: TableAccess, view: TableView, text: string): readonly Field[] {
  const names = text.split(',').map((name) => name.trim())
  const reader = readerOf(access, view.table)
  const fields = names.flatMap((name) => reader?.readable.get(name) ?? [])
  const { key, table } = view.entry
  const isUnique = [key, ...table.uniques].some(
    (columns) => columns.length === names.length && columns.every((name) => names.includes(name)),
  )
  const isOpen = fields.length === names.length && names.every((name) => view.mayWrite(name))
  if (isUnique && isOpen && key.length > 0 && reader?.key.length === key.length) return fields
  throw badFilter('on_conflict names the columns of the key, or of something unique, which you read and write')
}

/** Locks rows that are there; their keys by their tuple. Throws already_exists where the caller does not see one. */
async function lockKnown(db: Db, { access, view, columns, tuples }: Asked): Promise<Map<string, readonly string[]>> {
  const wanted = tuples.filter((tuple) => tuple !== undefined)
  const { compiling: context } = access
  const whole = access.whole(view.entry)
  const reader = readerOf(access, view.table)
  const all = columns.flatMap(({ column }) => whole.readable.get(column.name) ?? [])
  const known = new Map<string, readonly string[]>()
  for (let start = 0; start < wanted.length; start += tuplesPerRead) {
    const some = wanted.slice(start, start + tuplesPerRead)
    const find = async (seenBy: TableView | undefined, fields: readonly Field[], forUpdate: boolean) => {
      const alias = context.alias()
      const any = some.map((tuple) => matching(fields, [tuple], alias, context))
      const where = [sql`(${sql.join(any, sql` or `)})`, seenBy?.visible(alias)]
      const order = sql.join(whole.key.map(({ column, ref }) => context.dialect.comparable(column, ref(alias))))
      const cells = [...all, ...whole.key]
      const query = { view: whole, alias, fields: [], cells, where, order, exactAsText: false, forUpdate }
      const rows = await selectRows(db, query, context)
      return rows.map((row) => {
        const texts = row.cells.map((cell) => cell ?? '')
        return [JSON.stringify(texts.slice(0, all.length)), texts.slice(all.length)] as const
      })
    }
    const found = await find(undefined, all, true)
    // As the caller sees them: a value that is masked in a row must not be found out by guessing it.
    const seen = new Map(found.length > 0 && reader ? await find(reader, columns, false) : [])
    if (found.some(([tuple]) => !seen.has(tuple))) {
      throw platformErrors.already_exists({ detail: 'There is a row with this key or unique value' })
    }
    for (const [tuple, key] of found) known.set(tuple, key)
  }
  return known
}

export function tupleOf(columns: readonly Field[], row: unknown, at: string): string[] | undefined {
  if (!isObject(row)) return undefined
  const errors: FieldError[] = []
  const texts = columns.map(({ column }) => {
    const value = row[column.name]
    if (value === undefined || value === null) return undefined
    try {
      return canonical(column, value, 'json')
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      errors.push({ pointer: `${at}/${column.name}`, code: error.code, message: error.message })
      return undefined
    }
  })
  if (errors.length > 0) throw invalidFields(errors)
  const known = texts.filter((text) => text !== undefined)
  return known.length === columns.length ? known : undefined
}

function assertDistinct(tuples: readonly (readonly string[] | undefined)[], at: (index: number) => string): void {
  const seen = new Set<string>()
  const errors = tuples.flatMap((tuple, index): FieldError[] => {
    if (!tuple) return []
    const text = JSON.stringify(tuple)
    if (seen.has(text)) return [{ pointer: at(index), code: 'duplicate', message: 'The same row is in the list twice' }]
    seen.add(text)
    return []
  })
  if (errors.length > 0) throw invalidFields(errors)
}
