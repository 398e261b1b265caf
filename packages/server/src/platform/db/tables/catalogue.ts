/** What a column holds, alike on every engine. `other` is read as text and neither written, filtered nor sorted. */
export type ColumnType =
  | 'integer'
  | 'decimal'
  | 'number'
  | 'boolean'
  | 'text'
  | 'uuid'
  | 'date'
  | 'time'
  | 'datetime'
  | 'json'
  | 'binary'
  | 'other'

export interface Column {
  name: string
  type: ColumnType
  /** As the engine writes it. */
  nativeType: string
  nullable: boolean
  /** Filled by the database when an insert leaves it out: the expression, as the engine writes it. */
  default: string | null
  /** Counted up by the database. */
  autoIncrement: boolean
  /** Computed by the database: never written. */
  generated: boolean
  /** Most characters of a text. */
  maxLength?: number
  /** Digits in all, and behind the point, of a decimal. */
  precision?: number
  scale?: number
  /** Digits of a second that are kept. */
  fraction?: number
  /** Smallest and largest integer. */
  range?: readonly [bigint, bigint]
  /** The only values there are. */
  values?: readonly string[]
  /** The engine compares this text by its bytes already. */
  byBytes: boolean
  /** Stored in the one form that compares as time; else it is brought into it for each comparison. */
  canonicalTime: boolean
}

export interface ForeignKey {
  columns: readonly string[]
  table: string
  references: readonly string[]
}

/** A table or view as the database has it, whoever may see it. */
export interface CatalogueTable {
  name: string
  kind: 'table' | 'view'
  columns: ReadonlyMap<string, Column>
  /** Columns of the primary key, in its order; empty without one. */
  key: readonly string[]
  uniques: readonly (readonly string[])[]
  foreignKeys: readonly ForeignKey[]
  /** Conditions the database checks, as it writes them. */
  checks: readonly string[]
  /** What the database lets this connection do. */
  writable: { insert: boolean; update: boolean; delete: boolean }
}

export type Catalogue = ReadonlyMap<string, CatalogueTable>

/** What introspection finds, before names are joined. */
export interface Found {
  tables: { name: string; kind: 'table' | 'view'; insert: boolean; update: boolean; delete: boolean }[]
  columns: ({ table: string } & Column)[]
  /** Each in the order of its columns. */
  keys: { table: string; columns: string[]; primary: boolean }[]
  foreignKeys: { table: string; key: ForeignKey }[]
  checks: { table: string; text: string }[]
}

/** Tables of ours that lie in a database of others begin so, and columns of theirs that are being made; never shown. */
export const bookkeepingPrefix = '_atrium_'

/** Names of more than this are no names a request could carry. */
const maxNameLength = 128
const isUsable = (name: string): boolean =>
  name.length <= maxNameLength && name.isWellFormed() && !/\p{Cc}/u.test(name) && name !== ''

/** Leaves out `hidden` tables, ours, and what has a name no request can carry. */
export function assembleCatalogue(found: Found, hidden: (name: string) => boolean): Catalogue {
  const visible = found.tables
    .filter(({ name }) => isUsable(name) && !name.toLowerCase().startsWith(bookkeepingPrefix) && !hidden(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const names = new Set(visible.map(({ name }) => name))
  const group = <T extends { table: string }>(items: readonly T[]) => Map.groupBy(items, ({ table }) => table)
  const columns = group(found.columns)
  const keys = group(found.keys)
  const foreignKeys = group(found.foreignKeys)
  const checks = group(found.checks)
  const catalogue = new Map<string, CatalogueTable>()
  for (const { name, kind, insert, update, delete: remove } of visible) {
    const usable = (columns.get(name) ?? []).filter(
      (column) => isUsable(column.name) && !column.name.startsWith(bookkeepingPrefix),
    )
    const known = new Set(usable.map((column) => column.name))
    const own = (keys.get(name) ?? []).filter((key) => key.columns.every((column) => known.has(column)))
    catalogue.set(name, {
      name,
      kind,
      columns: new Map(usable.map(({ table: _, ...column }) => [column.name, column])),
      key: own.find(({ primary }) => primary)?.columns ?? [],
      uniques: own.filter(({ primary }) => !primary).map((key) => key.columns),
      foreignKeys: (foreignKeys.get(name) ?? [])
        .map(({ key }) => key)
        .filter((key) => names.has(key.table) && key.columns.every((column) => known.has(column))),
      checks: (checks.get(name) ?? []).map(({ text }) => text),
      writable: { insert, update, delete: remove },
    })
  }
  return catalogue
}
