import { AppError, type FieldError } from '../../platform/errors.ts'
import type { TableAccess } from './policy/table-access.ts'
import { toGrant } from './policy/table-view.ts'
import type { TableEntry } from './registry.ts'
import type { TableRule } from './tables.schema.ts'
import { canonical, ValueError } from './values.ts'

/** What cannot work in the settings of a table; a rule that is kept can always be applied. */
export function settingsProblems(access: TableAccess, entry: TableEntry): FieldError[] {
  const { table, settings } = entry
  const problems: FieldError[] = []
  const add = (pointer: string, message: string, code = 'invalid') => problems.push({ pointer, code, message })
  const owner = settings.owner_column ? table.columns.get(settings.owner_column) : undefined
  if (settings.owner_column && !owner) add('/owner_column', 'There is no such column', 'unknown_column')
  if (owner && owner.type !== 'text' && owner.type !== 'uuid') add('/owner_column', 'The owner is kept as text or UUID')
  if (owner?.maxLength !== undefined && owner.maxLength < 36) add('/owner_column', 'The owner needs 36 characters')
  if (settings.soft_delete) problems.push(...softDeleteProblems(access, entry))
  if (settings.key && table.key.length > 0) add('/key', 'This table has a primary key of its own')
  for (const name of settings.key ?? [])
    if (!table.columns.has(name)) add('/key', 'There is no such column', 'unknown_column')
  for (const [role, rule] of Object.entries(settings.rules ?? {})) {
    const at = `/rules/${role}`
    for (const kind of ['read', 'write'] as const) {
      const unknown = rule.fields?.[kind]?.some((name) => !table.columns.has(name))
      if (unknown) add(`${at}/fields/${kind}`, 'There is no such column', 'unknown_column')
    }
    const read = rule.fields?.read
    if (read && entry.key.some((name) => !read.includes(name))) {
      add(`${at}/fields/read`, 'The key has to be readable: rows are addressed by it')
    }
    problems.push(...rowsProblems(access, entry, role, rule), ...presetProblems(access, entry, role, rule))
  }
  return problems
}

function softDeleteProblems({ snapshot }: TableAccess, { table }: TableEntry): FieldError[] {
  const problem = (message: string) => [{ pointer: '/soft_delete', code: 'invalid', message }]
  if (!snapshot.books) return problem('This database lets nothing be kept beside its tables')
  if (table.kind === 'view' || table.key.length === 0) return problem('Only rows with a primary key can be had back')
  const strange = [...table.columns.values()].find(({ type, generated }) => type === 'other' && !generated)
  return strange ? problem(`The column ${strange.name} has a type that cannot be written again`) : []
}

function rowsProblems(access: TableAccess, entry: TableEntry, role: string, rule: TableRule): FieldError[] {
  try {
    toGrant(role, rule, access.whole(entry))
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [{ pointer: `/rules/${role}/rows`, code: error.code, message: error.message }]
  }
}

function presetProblems(access: TableAccess, { table }: TableEntry, role: string, rule: TableRule): FieldError[] {
  return Object.entries(rule.presets ?? {}).flatMap(([name, value]): FieldError[] => {
    const pointer = `/rules/${role}/presets/${name}`
    const column = table.columns.get(name)
    if (!column) return [{ pointer, code: 'unknown_column', message: 'There is no such column' }]
    if (column.generated) return [{ pointer, code: 'invalid', message: 'The database computes this column' }]
    if (value === null) return []
    const { me, now } = access.macros
    try {
      canonical(
        column,
        value === '$me' ? me : value === '$now' ? now.toISOString().slice(0, column.type === 'date' ? 10 : 24) : value,
        'json',
      )
      return []
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      return [{ pointer, code: error.code, message: error.message }]
    }
  })
}
