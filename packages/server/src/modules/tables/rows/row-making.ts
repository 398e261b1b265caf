import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { tellStep } from '../../../platform/decision-steps.ts'
import type { FieldError } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { Grant, TableView } from '../policy/table-view.ts'
import type { TableEntry } from '../registry.ts'
import { canonical, ValueError } from '../values.ts'
import { insertRows } from './insert.ts'
import type { RowChanges } from './row-changes.ts'
import { type Change, type Changes, invalidFields, parseRow } from './row-input.ts'
import { assertAllowed } from './write-checks.ts'

/** A body may repeat the key of the address. */
export function withoutKey(body: unknown, { key, table }: TableEntry, values: readonly string[], at = ''): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const errors: FieldError[] = []
  const entries = Object.entries(body).filter(([name, value]) => {
    const index = key.indexOf(name)
    const column = table.columns.get(name)
    if (index < 0 || !column) return true
    try {
      if (canonical(column, value, typeof value === 'string' ? 'query' : 'json') === values[index]) return false
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
    }
    errors.push({ pointer: `${at}/${name}`, code: 'read_only', message: 'The key of a row stays as it is' })
    return false
  })
  if (errors.length > 0) throw invalidFields(errors)
  return Object.fromEntries(entries)
}

/** What a replacement leaves out. */
export function resets(
  { compiling: { dialect } }: TableAccess,
  view: TableView,
  grants: readonly Grant[],
  sent: Changes,
) {
  const [grant] = grants
  const left = [...view.entry.table.columns.values()].filter(
    ({ name }) =>
      !sent.has(name) &&
      !view.entry.key.includes(name) &&
      view.mayWrite(name) &&
      (!grant?.write || grant.write.has(name)),
  )
  const missing = left.filter(({ nullable, default: value }) => !nullable && value === null)
  if (missing.length > 0) throw invalidFields(missing.map(({ name }) => required(`/${name}`)))
  return left.map((column) => {
    const value = column.default === null ? sql`null` : dialect.defaultOf(column)
    return sql`${sql.id(column.name)} = ${value}`
  })
}

const required = (pointer: string): FieldError => ({ pointer, code: 'required', message: 'This field is required' })

/** A new row with what the rules and the owner column put in, and the rules it has to satisfy. */
export function prepareNew(view: TableView, row: unknown, at: string, access: TableAccess) {
  const { table, settings, key } = view.entry
  const sent = parseRow(view, row, { at, operations: false, readable: () => false })
  const candidates = view.writers([...sent.keys()])
  const [chosen] = candidates
  if (!chosen) throw accessErrors.forbidden()
  const given = JSON.stringify(chosen.presets)
  const grants = candidates.filter(({ presets }) => JSON.stringify(presets) === given)
  const values = new Map<string, string | null>(
    [...sent].map(([name, change]) => [name, (change as Change & { text: string | null }).text]),
  )
  for (const [name, value] of Object.entries(chosen.presets)) {
    const column = table.columns.get(name)
    if (column) values.set(name, presetText(column, value, access))
  }
  const owner = settings.owner_column ? table.columns.get(settings.owner_column) : undefined
  const presets = [...Object.keys(chosen.presets), ...(owner && !values.has(owner.name) ? [owner.name] : [])]
  if (presets.length > 0)
    tellStep('rule', `values that a new row of ${table.name} gets`, true, { table: table.name, columns: presets })
  if (owner && !values.has(owner.name)) values.set(owner.name, presetText(owner, '$me', access))
  if (key.length === 0 && grants.every(({ rows }) => rows !== undefined)) throw accessErrors.forbidden()
  const missing = [...table.columns.values()].filter(
    (column) =>
      !column.nullable &&
      column.default === null &&
      !column.autoIncrement &&
      !column.generated &&
      !(column.type === 'uuid' && key.includes(column.name)) &&
      !values.has(column.name),
  )
  if (missing.length > 0) {
    // A column the caller may not know of is not named.
    throw invalidFields(missing.map(({ name }) => required(view.mayWrite(name) ? `${at}/${name}` : at)))
  }
  return { values, grants }
}

function presetText(column: Column, value: unknown, access: TableAccess): string | null {
  if (value === null) return null
  const { me, now } = access.macros
  const resolved =
    value === '$me'
      ? me
      : value === '$now'
        ? column.type === 'date'
          ? now.toISOString().slice(0, 10)
          : now.toISOString()
        : value
  return canonical(column, resolved, 'json')
}

/** Inserts what `prepareNew` made and answers the keys. Throws forbidden for a row that none of its rules lets in. */
export async function insertPrepared(
  db: Db,
  access: TableAccess,
  entry: TableEntry,
  prepared: readonly ReturnType<typeof prepareNew>[],
  changes: RowChanges,
): Promise<string[][]> {
  const values = prepared.map((row) => new Map(row.values))
  const keys = await insertRows(db, access.compiling.dialect, entry, values)
  changes.made(entry, keys)
  // Rows that other rules would have let in are checked by those rules.
  const byRules = Map.groupBy(prepared.entries(), ([, { grants }]) => grants.map(({ role }) => role).join())
  for (const [, rows] of byRules) {
    const grants = rows[0]?.[1].grants ?? []
    const own = rows.flatMap(([index]) => [keys[index] ?? []])
    await assertAllowed(db, access, entry, grants, own)
  }
  return keys
}
