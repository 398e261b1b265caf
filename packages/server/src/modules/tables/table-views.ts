import type { Column } from '../../platform/db/tables/catalogue.ts'
import type { TableAccess } from './policy/table-access.ts'
import { hasHistory, keepsDeleted, type TableEntry } from './registry.ts'
import type { AdminTable, AdminTableSummary, DataTable, DataTableSchema } from './tables.schema.ts'

export const toSummary = ({ table, settings, key }: TableEntry): AdminTableSummary => ({
  name: table.name,
  kind: table.kind,
  exposed: settings.exposed ?? false,
  label: settings.label ?? null,
  columns: table.columns.size,
  key: [...key],
  roles: Object.keys(settings.rules ?? {}),
})

export const toAdminTable = ({ table, settings, key, relations, version, updatedAt }: TableEntry): AdminTable => ({
  name: table.name,
  kind: table.kind,
  exposed: settings.exposed ?? false,
  writable: table.writable,
  key: [...key],
  columns: [...table.columns.values()].map((column) => ({
    ...toColumn(column, !column.generated && column.type !== 'other'),
    native_type: column.nativeType,
    default: column.default,
  })),
  uniques: table.uniques.map((columns) => [...columns]),
  relations: [...relations.values()].map(toRelation),
  checks: [...table.checks],
  settings,
  version,
  updated_at: updatedAt,
})

export function toDataTable(access: TableAccess, entry: TableEntry): DataTable {
  const { table, settings } = entry
  return {
    name: table.name,
    kind: table.kind,
    label: settings.label ?? null,
    description: settings.description ?? null,
    actions: openActions(access, table),
    realtime: (settings.realtime ?? false) && access.snapshot.books !== undefined,
    revisions: hasHistory(entry) && access.snapshot.books !== undefined,
    soft_delete: keepsDeleted(entry) && access.snapshot.books !== undefined,
    operators: [...(settings.operators ?? [])],
  }
}

/** What rules and the database let the caller do. */
export function openActions(access: TableAccess, table: TableEntry['table']): string[] {
  const { insert, update, delete: remove } = table.writable
  const open: Record<string, boolean> = { list: true, get: true, create: insert, update, delete: remove }
  return access.actions(table.name).filter((action) => open[action])
}

/** Only what the caller sees or may write. */
export function toSchema(access: TableAccess, entry: TableEntry): DataTableSchema {
  const { name } = entry.table
  const views = access.actions(name).flatMap((action) => access.find(name, action) ?? [])
  const readers = views.filter(({ action }) => action === 'list' || action === 'get')
  const writers = views.filter(({ action }) => action === 'create' || action === 'update')
  const columns = [...entry.table.columns.values()].filter(
    (column) =>
      readers.some(({ readable }) => readable.has(column.name)) || writers.some((view) => view.mayWrite(column.name)),
  )
  const shown = columns.map((column) =>
    toColumn(
      column,
      writers.some((view) => view.mayWrite(column.name)),
    ),
  )
  const known = new Set(columns.map((column) => column.name))
  const relations = [...entry.relations.values()].filter((relation) =>
    readers.some((view) => view.related(relation.name)),
  )
  return {
    ...toDataTable(access, entry),
    key: entry.key.every((column) => known.has(column)) ? [...entry.key] : [],
    columns: shown,
    relations: relations.map(toRelation),
    json_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: name,
      type: 'object',
      properties: Object.fromEntries(columns.map((column) => [column.name, jsonSchemaOf(column)])),
      required: shown
        .filter((column) => column.writable && !column.nullable && !column.has_default)
        .map((column) => column.name),
      additionalProperties: false,
    },
  }
}

const toRelation = ({
  name,
  kind,
  table,
  columns,
  references,
}: NonNullable<ReturnType<TableEntry['relations']['get']>>) => ({
  name,
  kind,
  table,
  columns: [...columns],
  references: [...references],
})

const toColumn = (column: Column, writable: boolean) => ({
  name: column.name,
  type: column.type,
  nullable: column.nullable,
  has_default: column.default !== null || column.autoIncrement,
  generated: column.generated,
  writable,
  ...(column.maxLength === undefined ? {} : { max_length: column.maxLength }),
  ...(column.precision === undefined ? {} : { precision: column.precision }),
  ...(column.scale === undefined ? {} : { scale: column.scale }),
  ...(column.values ? { values: [...column.values] } : {}),
})

const formats: Partial<Record<Column['type'], object>> = {
  integer: { type: ['integer', 'string'] },
  decimal: { type: ['number', 'string'] },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  text: { type: 'string' },
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string' },
  datetime: { type: 'string', format: 'date-time' },
  binary: { type: 'string', contentEncoding: 'base64' },
}

function jsonSchemaOf({ type, nullable, maxLength, values }: Column): object {
  const schema = {
    ...formats[type],
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(values ? { enum: [...values] } : {}),
  }
  return nullable && 'type' in schema ? { anyOf: [schema, { type: 'null' }] } : schema
}
