import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { RetypingRefused } from '../../platform/db/tables/tables-dialect.ts'
import { AppError, type FieldError, platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { AuditService } from '../audit/index.ts'
import { type ColumnChange, withChange } from './changed-catalogue.ts'
import { lookAtRows, planRetyping, retype } from './column-types/retyping.ts'
import type { ExposureService } from './exposure.service.ts'
import { TableAccess } from './policy/table-access.ts'
import type { Snapshot, TableEntry, TablesRegistry } from './registry.ts'
import { invalidFields } from './rows/row-input.ts'
import { settingsProblems } from './rule-check.ts'
import { plannedColumn } from './table-plan.ts'
import { tablesErrors } from './tables.errors.ts'
import type { AdminTable, ColumnPatch, NewTableColumn } from './tables.schema.ts'
import { canonical, ValueError } from './values.ts'

export interface ColumnEditingDependencies {
  database: DatabaseHandle
  registry: TablesRegistry
  exposure: ExposureService
  audit: AuditService
}

/** Changes the columns of tables that are there. Rules that would point at nothing afterwards are in the way of it. */
export class ColumnEditingService {
  readonly #deps: ColumnEditingDependencies

  constructor(deps: ColumnEditingDependencies) {
    this.#deps = deps
  }

  /** Throws not_found, already_exists, validation_failed, read_only_source, state_conflict. */
  async add(name: string, column: NewTableColumn): Promise<AdminTable> {
    const { snapshot, entry } = await this.#open(name)
    assertFreeName(entry, column.name)
    const { problems, planned } = plannedColumn(column, '', false, snapshot.tables)
    if (!planned.nullable && planned.default === null) {
      const message = 'The rows that are there need a value: give a default'
      problems.push({ pointer: '/default', code: 'required', message })
    }
    if (planned.references && planned.default !== null) {
      problems.push({ pointer: '/default', code: 'invalid', message: 'A reference begins without a value' })
    }
    if (problems.length > 0) throw invalidFields(problems)
    const { table } = await this.#change(snapshot, entry, { added: planned.name }, (db) =>
      snapshot.dialect.changes.addColumn(db, name, planned),
    )
    return table
  }

  /** Throws not_found, already_exists, validation_failed, read_only_source, state_conflict. */
  async change(name: string, column: string, patch: ColumnPatch, dryRun = false): Promise<AdminTable> {
    const { snapshot, entry } = await this.#open(name)
    const known = this.#column(entry, column)
    const { changes } = snapshot.dialect
    const to = patch.name !== undefined && patch.name !== column ? patch.name : undefined
    const isKey = entry.table.key.includes(column)
    if (isKey && Object.keys(patch).some((part) => part !== 'name')) throw partOfKey()
    const retyping = await planRetyping(snapshot, entry, known, patch)
    if (to !== undefined && to.toLowerCase() !== column.toLowerCase()) assertFreeName(entry, to)
    if (to !== undefined || retyping) {
      this.#assertUnused(snapshot, { table: name, column, to: to ?? column, as: retyping?.to })
    }
    if (retyping) {
      const unfit = dryRun ? await lookAtRows(snapshot, retyping) : undefined
      if (unfit) return { ...(await this.#deps.exposure.get(name)), unfit }
      const { type, length, precision, scale } = patch
      const detail = { changed: column, type, length, precision, scale, unfit: patch.unfit ?? 'refuse' }
      const changed = await this.#change(
        snapshot,
        entry,
        detail,
        (session) => retype(session, snapshot, retyping),
        'alone',
      )
      if (to === undefined) return { ...changed.table, unfit: changed.result }
      return { ...(await this.change(name, column, { name: to })), unfit: changed.result }
    }
    const without = ['length', 'precision', 'scale', 'unfit'].filter((part) => Object.hasOwn(patch, part))
    if (without.length > 0) {
      throw invalidFields(
        without.map((part) => ({ pointer: `/${part}`, code: 'invalid', message: 'Goes with a type' })),
      )
    }
    const value = patch.default === undefined ? undefined : defaultText(known, patch.default)
    const becomesNullable = patch.nullable !== undefined && patch.nullable !== known.nullable
    if (dryRun) return this.#deps.exposure.get(name)
    const { table } = await this.#change(snapshot, entry, { changed: column, ...patch }, async (db) => {
      if (becomesNullable) await changes.setNullable(db, name, column, patch.nullable ?? true)
      const nullable = patch.nullable ?? known.nullable
      if (value !== undefined) await changes.setDefault(db, name, { ...known, nullable }, value)
      if (to !== undefined) await changes.renameColumn(db, name, column, to)
    })
    return table
  }

  /** With everything in it. */
  async drop(name: string, column: string): Promise<void> {
    const { snapshot, entry } = await this.#open(name)
    this.#column(entry, column)
    if (entry.table.key.includes(column)) throw partOfKey()
    if (entry.table.columns.size === 1) throw platformErrors.state_conflict({ detail: 'A table needs a column' })
    this.#assertUnused(snapshot, { table: name, column, to: undefined })
    await this.#change(snapshot, entry, { dropped: column }, (db) =>
      snapshot.dialect.changes.dropColumn(db, name, column),
    )
  }

  async #open(name: string): Promise<{ snapshot: Snapshot; entry: TableEntry }> {
    const { registry } = this.#deps
    // As it is now, and not a minute ago.
    registry.forget(true)
    const snapshot = await registry.snapshot()
    const entry = snapshot.tables.get(name)
    if (!entry) throw platformErrors.not_found()
    if (entry.table.kind === 'view')
      throw platformErrors.state_conflict({ detail: 'A view has the columns of its tables' })
    return { snapshot, entry }
  }

  #column({ table }: TableEntry, name: string) {
    const column = table.columns.get(name)
    if (!column) throw platformErrors.not_found()
    return column
  }

  /** What rules of any table say of this column has to be changed first. */
  #assertUnused(snapshot: Snapshot, change: ColumnChange): void {
    const before = allProblems(snapshot)
    const after = allProblems(withChange(snapshot, change))
    const errors = [...after].filter(([key]) => !before.has(key)).map(([, error]) => error)
    if (errors.length === 0) return
    const detail = 'Rules name this column; take it out of them first'
    throw platformErrors.state_conflict({ detail, members: { errors: errors.slice(0, 20) } })
  }

  /** `alone`: the work needs no transaction, nor its time limit. */
  async #change<T>(
    snapshot: Snapshot,
    { table }: TableEntry,
    detail: object,
    work: (db: Db) => Promise<T>,
    way: 'transaction' | 'alone' = 'transaction',
  ): Promise<{ table: AdminTable; result: T }> {
    const { database, registry, exposure, audit } = this.#deps
    const { handle, dialect } = snapshot
    let result: T
    try {
      result = await (way === 'alone' ? handle.migrationSession(work) : handle.unitOfWork(({ tx }) => work(tx)))
    } catch (error) {
      if (error instanceof RetypingRefused) throw platformErrors.state_conflict({ detail: error.message, cause: error })
      if (error instanceof AppError || handle.dialect.isUnavailable(error)) throw error
      if (dialect.classify(error) === 'read_only') throw tablesErrors.read_only_source({ cause: error })
      // Its words name what only the database knows of.
      throw platformErrors.state_conflict({ detail: refused, cause: error })
    } finally {
      // Also after an error: not every engine takes back the first part of a change.
      registry.forget(true)
    }
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, {
        type: 'system_config_changed',
        resource: { type: 'table', id: table.name },
        detail: { ...detail },
      }),
    )
    return { table: await exposure.get(table.name), result }
  }
}

const refused =
  'The database does not allow it: rows have no value there, or a key, an index, a check, a view or another table uses the column'

const partOfKey = () =>
  platformErrors.state_conflict({ detail: 'The key of a table stays as it is; it can be renamed' })

function assertFreeName({ table }: TableEntry, wanted: string): void {
  const lower = wanted.toLowerCase()
  if ([...table.columns.keys()].some((name) => name.toLowerCase() === lower)) {
    throw platformErrors.already_exists({ detail: 'There is a column of this name' })
  }
}

function defaultText(column: Parameters<typeof canonical>[0], value: unknown): string | null {
  if (value === null) return null
  try {
    return canonical(column, value, 'json')
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw invalidFields([{ pointer: '/default', code: error.code, message: error.message }])
  }
}

/** What is wrong with the settings of all tables, by what it is. */
function allProblems(snapshot: Snapshot): Map<string, FieldError> {
  const access = new TableAccess(snapshot, { userId: newId(), roles: [], isFull: true }, new Date(0))
  const problems = [...snapshot.tables.values()].flatMap((entry) =>
    settingsProblems(access, entry).map(({ pointer, ...rest }) => ({
      pointer: `/${entry.table.name}${pointer}`,
      ...rest,
    })),
  )
  return new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
}
