import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import { tellStep } from '../../../platform/decision-steps.ts'
import type { FieldError } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type Grant, type TableView } from '../policy/table-view.ts'
import type { TableEntry } from '../registry.ts'
import { tablesErrors } from '../tables.errors.ts'
import type { TableAction } from '../tables.schema.ts'
import { canonical, ValueError } from '../values.ts'
import { type Changes, invalidFields } from './row-input.ts'
import { matching, selectRows, whereOf } from './select.ts'

const verbs = { create: 'insert', update: 'update', delete: 'delete' } as const

/** The view of a write; the database itself may allow none. */
export function writable(access: TableAccess, table: string, action: Exclude<TableAction, 'list' | 'get'>): TableView {
  const view = access.view(table, action)
  const isWritable = view.entry.table.writable[verbs[action]]
  tellStep('rule', 'the database lets this server write', isWritable, { table, action })
  if (!isWritable) throw tablesErrors.read_only_source()
  return view
}

export const readerOf = (access: TableAccess, table: string): TableView | undefined =>
  access.find(table, 'get') ?? access.find(table, 'list')

export function keyCondition(
  access: TableAccess,
  entry: TableEntry,
  keys: readonly (readonly string[])[],
  alias: string,
) {
  return matching(access.whole(entry).key, keys, alias, access.compiling)
}

export async function readOne(
  db: Db,
  access: TableAccess,
  view: TableView,
  key: readonly string[],
  exactAsText: boolean,
): Promise<string | undefined> {
  const alias = access.compiling.alias()
  const where = [keyCondition(access, view.entry, [key], alias), view.visible(alias)]
  const query = { view, alias, fields: [...view.readable.values()], cells: [], where, exactAsText }
  return (await selectRows(db, query, access.compiling))[0]?.json
}

/** Fields that the caller would change and that are something else now; of what the caller sees. */
export function conflicts(
  { base, theirs }: { base: Record<string, unknown> | undefined; theirs: Record<string, unknown> },
  current: ReadonlyMap<string, string | null>,
  sent: Changes,
) {
  return [...sent].flatMap(([field, change]) => {
    if (!Object.hasOwn(theirs, field) || 'operation' in change || current.get(field) === change.text) return []
    return [{ field, ...(base ? { base: base[field] ?? null } : {}), yours: change.given, theirs: theirs[field] }]
  })
}

/** What is written must be what the rules let the caller write: also after the change. */
export async function assertAllowed(
  db: Db,
  access: TableAccess,
  entry: TableEntry,
  grants: readonly Grant[],
  keys: readonly (readonly string[])[],
): Promise<void> {
  const alias = access.compiling.alias()
  const allowed = anyOf(grants, alias, access.compiling)
  if (!allowed) return
  const where = whereOf([keyCondition(access, entry, keys, alias), allowed])
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from ${sql.id(entry.table.name)} as ${sql.id(alias)}${where}`.execute(db)
  const isAllowed = Number(rows[0]?.total ?? 0) === keys.length
  const { name } = entry.table
  tellStep('rule', `rows of ${name} as they would be`, isAllowed, {
    table: name,
    roles: grants.map(({ role }) => role),
  })
  if (!isAllowed) throw accessErrors.forbidden()
}

/** An engine that does not check ranges would keep the result of an operation as something else. */
export async function assertInRange(
  db: Db,
  access: TableAccess,
  entry: TableEntry,
  keys: readonly (readonly string[])[],
  sent: Changes,
): Promise<void> {
  const whole = access.whole(entry)
  const fields = [...sent].flatMap(([name, change]) => ('operation' in change ? (whole.field(name) ?? []) : []))
  if (fields.length === 0) return
  const alias = access.compiling.alias()
  const where = [keyCondition(access, entry, keys, alias)]
  const rows = await selectRows(
    db,
    { view: whole, alias, fields: [], cells: fields, where, exactAsText: false },
    access.compiling,
  )
  const errors = fields.flatMap(({ column }, index): FieldError[] => {
    try {
      for (const { cells } of rows) canonical(column, cells[index] ?? '', 'query')
      return []
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      return [{ pointer: `/${column.name}`, code: 'out_of_range', message: 'The result does not fit its column' }]
    }
  })
  if (errors.length > 0) throw invalidFields(errors)
}
