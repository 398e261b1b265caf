import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { NewColumn } from '../../../platform/db/tables/tables-dialect.ts'
import { type FieldError, platformErrors } from '../../../platform/errors.ts'
import type { Snapshot, TableEntry } from '../registry.ts'
import { invalidFields } from '../rows/row-input.ts'
import { asColumn, plannedColumn } from '../table-plan.ts'
import type { ColumnPatch, UnfitRows } from '../tables.schema.ts'
import { ValueError } from '../values.ts'
import { canBecome, converted } from './conversion.ts'
import { type Change, fitAll, keyColumns, writeNext } from './fitting.ts'

/** A column that is to be one of another type, as far as it can be told without its rows. */
export interface RetypingPlan extends Change {
  next: NewColumn
  /** What does not fit becomes null. */
  mayLose: boolean
}

/** Undefined where no type is named. Throws state_conflict, validation_failed. */
export async function planRetyping(
  snapshot: Snapshot,
  entry: TableEntry,
  from: Column,
  patch: ColumnPatch,
): Promise<RetypingPlan | undefined> {
  if (patch.type === undefined) return undefined
  const { table } = entry
  assertFree(snapshot, entry, from)
  const { dialect } = snapshot
  const isUnique = table.uniques.some((columns) => columns.length === 1 && columns[0] === from.name)
  const isIndexed = table.uniques.some((columns) => columns.includes(from.name))
  const { type, precision, nullable = from.nullable, default: value } = patch
  const wanted = { name: from.name, type, nullable, unique: isIndexed, ...sizesOf(patch) }
  const { problems, planned } = plannedColumn({ ...wanted, default: value }, '', false, snapshot.tables)
  const digits = Math.min(precision ?? 15, dialect.decimalDigits)
  const to = { ...asColumn({ ...planned, precision: digits }), nullable }
  if (!canBecome(from.type, type)) {
    const message = `There is no way from ${from.type} to ${type}; make another column`
    problems.push({ pointer: '/type', code: 'invalid', message })
  } else if (value === undefined && from.default !== null) {
    planned.default = await sameDefault(snapshot, from, to, problems)
  }
  const mayLose = patch.unfit === 'null'
  if (mayLose && !nullable) {
    problems.push({ pointer: '/unfit', code: 'invalid', message: 'The column has to be one that may be empty' })
  }
  if (problems.length > 0) throw invalidFields(problems)
  return { dialect, entry, from, to, next: planned, isUnique, mayLose }
}

const sizesOf = ({ length, precision, scale }: ColumnPatch) => ({
  ...(length === undefined ? {} : { length }),
  ...(precision === undefined ? {} : { precision }),
  ...(scale === undefined ? {} : { scale }),
})

function assertFree({ tables }: Snapshot, { table, key }: TableEntry, { name, generated, autoIncrement }: Column) {
  const refuse = (detail: string) => platformErrors.state_conflict({ detail })
  if (key.length === 0 || keyColumns({ key, table } as TableEntry).some(({ type }) => type === 'other')) {
    throw refuse('Rows are told apart by the key, and this table has none that can be used')
  }
  if (generated || autoIncrement) throw refuse('The database computes this column')
  const pointing = [...tables.values()].some(({ table: other }) =>
    other.foreignKeys.some(
      (one) =>
        (other === table && one.columns.includes(name)) || (one.table === table.name && one.references.includes(name)),
    ),
  )
  if (pointing) throw refuse('The column refers to another one, or another one refers to it: both would need the type')
}

/** Of what is written there only plain values can be taken over. */
async function sameDefault(
  { handle, dialect }: Snapshot,
  from: Column,
  to: Column,
  problems: FieldError[],
): Promise<string | null> {
  const written = (from.default ?? '').trim().replace(/^\((.*)\)$/s, '$1')
  if (/^null(::|$)/i.test(written)) return null
  const add = (message: string, code = 'invalid') => problems.push({ pointer: '/default', code, message })
  try {
    if (!plainValue.test(written)) throw new ValueError('invalid', 'The default is computed: give another one, or null')
    const { rows } = await sql<{ text: string }>`
      select ${dialect.text(from, sql`(${sql.raw(from.default ?? '')})`)} as text`.execute(handle.db)
    return converted(from, to, rows[0]?.text ?? '')
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    add(`The default does not fit the type: ${error.message}`, error.code)
    return null
  }
}

/** A number, a text or a truth, with the name of its type as PostgreSQL writes it. */
const plainValue =
  /^\(?(-?\d+(\.\d+)?(e[+-]?\d+)?|true|false|_?(x|utf8mb4)?'([^']|'')*')\)?(::[a-z ]+(\(\d+(,\d+)?\))?)*$/i

/** Nothing is changed by it. */
export async function lookAtRows({ handle }: Snapshot, plan: RetypingPlan): Promise<UnfitRows> {
  const { count, keys } = await fitAll(handle.db, plan)
  return { count, keys }
}

/** Throws state_conflict with `unfit` where a value does not fit and may not be lost. */
export async function retype(session: Db, { dialect }: Snapshot, plan: RetypingPlan): Promise<UnfitRows> {
  const { entry, from, next, mayLose } = plan
  let lost: UnfitRows = { count: 0, keys: [] }
  await dialect.changes.retype(session, {
    table: entry.table.name,
    key: keyColumns(entry),
    from,
    next,
    fill: async (db) => {
      const { fitting, ...unfit } = await fitAll(db, plan, (page) => writeNext(db, plan, page))
      if (unfit.count > 0 && !mayLose) throw unfitRows(unfit)
      lost = unfit
      return fitting
    },
  })
  return lost
}

const unfitRows = (unfit: UnfitRows) =>
  platformErrors.state_conflict({
    detail: `${unfit.count === 1 ? '1 row has a value' : `${unfit.count} rows have values`} that would not fit; nothing was changed`,
    members: { unfit },
  })
