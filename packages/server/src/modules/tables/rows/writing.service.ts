import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import type { Db } from '../../../platform/db/schema.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type Grant, type TableView } from '../policy/table-view.ts'
import type { TableEntry } from '../registry.ts'
import { insertRows } from './insert.ts'
import type { ReadingService } from './reading.service.ts'
import { RowChanges, type RowChangesDependencies } from './row-changes.ts'
import { names, rowEtag } from './row-etag.ts'
import { assigned, type Changes, invalidFields, parseRow } from './row-input.ts'
import { keyPath, parseKey } from './row-key.ts'
import { prepareNew, resets, withoutKey } from './row-making.ts'
import { matching, rowJson, selectRows, whereOf } from './select.ts'
import { assertAllowed, assertInRange, conflicts, keyCondition, readerOf, readOne, writable } from './write-checks.ts'

export interface WrittenRow {
  /** Undefined where the caller may write, and not read it. */
  json: string | undefined
  etag: string | undefined
  path: string | undefined
}

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

/** Ends a transaction that was only tried. */
class Tried<T> extends Error {
  readonly result: T

  constructor(result: T) {
    super('Only tried')
    this.result = result
  }
}

const mostRows = 1000

/** Changes of rows, each in a transaction of the tables' own database. */
export class WritingService {
  readonly #deps: CallerAccessDependencies & RowChangesDependencies
  readonly #reading: ReadingService

  constructor(deps: CallerAccessDependencies & RowChangesDependencies & { reading: ReadingService }) {
    this.#deps = deps
    this.#reading = deps.reading
  }

  /** All rows or none. Throws already_exists, foreign_key_conflict, validation_failed, unknown_field, forbidden. */
  async create(actor: Actor, table: string, body: unknown, options: WriteOptions): Promise<WrittenRow[]> {
    return this.createWith(await accessOf(this.#deps, actor), table, body, options)
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
    return this.#transaction(access, options, async (db, changes) => {
      const { compiling: context } = access
      const keys = await insertRows(
        db,
        context.dialect,
        view.entry,
        prepared.map(({ values }) => new Map(values)),
      )
      changes.made(view.entry, keys)
      // Rows that other rules would have let in are checked by those rules.
      for (const [, rows] of Map.groupBy(prepared.entries(), ([, { grants }]) =>
        grants.map(({ role }) => role).join(),
      )) {
        const grants = rows[0]?.[1].grants ?? []
        await assertAllowed(
          db,
          access,
          view.entry,
          grants,
          rows.flatMap(([index]) => [keys[index] ?? []]),
        )
      }
      return this.#written(db, access, table, keys, given.length, options)
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
    return this.#transaction(access, options, async (db, changes) => {
      const { dialect } = access.compiling
      await this.#hold(db, access, view.entry, key, { grants, reader, sent, ifMatch: options.ifMatch })
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
        await assertInRange(db, access, view.entry, key, sent)
      }
      const [written] = await this.#written(db, access, table, [key], 1, options)
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
    await this.#transaction(access, options, async (db, changes) => {
      await this.#hold(db, access, view.entry, key, { grants: view.grants, reader, sent: new Map(), ifMatch })
      await changes.before(view.entry, [key])
      const where = whereOf([keyCondition(access, view.entry, [key], view.table)])
      await sql`delete from ${sql.id(view.table)}${where}`.execute(db)
    })
  }

  async #transaction<T>(
    access: TableAccess,
    { dryRun }: { dryRun?: boolean | undefined },
    work: (db: Db, changes: RowChanges) => Promise<T>,
  ): Promise<T> {
    const run = () =>
      access.snapshot.handle.unitOfWork(async (uow) => {
        const changes = new RowChanges(this.#deps, uow, access)
        const result = await work(uow.tx, changes)
        if (dryRun) throw new Tried(result)
        await changes.settle()
        return result
      })
    try {
      return await this.#reading.guarded(access, run)
    } catch (error) {
      if (error instanceof Tried) return error.result as T
      throw error
    }
  }

  /** Locks the row, that the rules open to this change and the caller knows as it is. */
  async #hold(
    db: Db,
    access: TableAccess,
    entry: TableEntry,
    key: readonly string[],
    wanted: { grants: readonly Grant[]; reader: TableView | undefined; sent: Changes; ifMatch: string | undefined },
  ): Promise<void> {
    const { compiling: context } = access
    const whole = access.whole(entry)
    const alias = context.alias()
    const held = await selectRows(
      db,
      {
        view: whole,
        alias,
        fields: [],
        cells: [],
        where: [matching(whole.key, [key], alias, context), anyOf(wanted.grants, alias, context)],
        exactAsText: false,
        forUpdate: true,
      },
      context,
    )
    const seen = wanted.reader && (await readOne(db, access, wanted.reader, key, false))
    if (held.length === 0) throw seen === undefined ? platformErrors.not_found() : accessErrors.forbidden()
    const { ifMatch, reader } = wanted
    if (ifMatch === undefined || ifMatch.trim() === '*') return
    if (seen !== undefined && names(ifMatch, rowEtag(seen))) return
    throw platformErrors.precondition_failed({
      members: { conflicts: reader ? await this.#conflicts(db, access, reader, key, wanted.sent) : [] },
    })
  }

  /** Of what the caller sees in this row, and nothing else: a value that is hidden cannot be found out by guessing it. */
  async #conflicts(db: Db, access: TableAccess, reader: TableView, key: readonly string[], sent: Changes) {
    const alias = access.compiling.alias()
    const fields = [...reader.readable.values()]
    const where = [keyCondition(access, reader.entry, [key], alias), reader.visible(alias)]
    const query = { view: reader, alias, fields, cells: fields, where, exactAsText: true }
    const [row] = await selectRows(db, query, access.compiling)
    if (!row) return []
    const current = new Map(fields.map(({ column }, index) => [column.name, row.cells[index] ?? null]))
    return conflicts(JSON.parse(row.json), current, sent)
  }

  /** The rows as the caller reads them, in the order of the keys. */
  async #written(
    db: Db,
    access: TableAccess,
    table: string,
    keys: readonly (readonly string[])[],
    count: number,
    { exactAsText, isUnread }: WriteOptions,
  ): Promise<WrittenRow[]> {
    if (isUnread) return []
    const reader = readerOf(access, table)
    const paths = (index: number) => (keys[index] && reader ? keyPath(keys[index]) : undefined)
    const unread = Array.from({ length: count }, (_, index) => ({
      json: undefined,
      etag: undefined,
      path: paths(index),
    }))
    if (!reader || keys.length === 0 || reader.key.length === 0) return unread
    const { compiling: context } = access
    const alias = context.alias()
    const fields = [...reader.readable.values()]
    const whole = rowJson(fields, alias, context, false)
    const cells = reader.key.map(
      ({ column, ref }, index) => sql`${context.dialect.text(column, ref(alias))} as ${sql.id(`c${index}`)}`,
    )
    const where = whereOf([matching(reader.key, keys, alias, context), reader.visible(alias)])
    const { rows } = await sql<Record<string, string | null>>`
      select ${sql.join([
        sql`${whole} as ${sql.id('whole')}`,
        sql`${rowJson(fields, alias, context, exactAsText)} as ${sql.id('json')}`,
        ...cells,
      ])} from ${sql.id(reader.table)} as ${sql.id(alias)}${where}`.execute(db)
    const found = new Map(rows.map((row) => [JSON.stringify(cells.map((_, index) => row[`c${index}`])), row]))
    return unread.map(({ path }, index) => {
      const row = found.get(JSON.stringify(keys[index]))
      if (!row) return { json: undefined, etag: undefined, path: undefined }
      return { json: row.json ?? '{}', etag: rowEtag(row.whole ?? '{}'), path }
    })
  }
}
