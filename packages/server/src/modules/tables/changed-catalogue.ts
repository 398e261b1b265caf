import type { CatalogueTable, Column } from '../../platform/db/tables/catalogue.ts'
import { type Snapshot, toEntry } from './registry.ts'

export interface ColumnChange {
  table: string
  column: string
  /** Its new name; undefined: it goes. */
  to: string | undefined
  /** What it is where it becomes one of another type. */
  as?: Column | undefined
}

/** The tables as they would be, with the settings they have. */
export function withChange(snapshot: Snapshot, change: ColumnChange): Snapshot {
  const changed = new Map(
    [...snapshot.tables].map(([name, { table }]) => [name, { table: changedTable(table, change) }]),
  )
  const tables = new Map(
    [...snapshot.tables].map(([name, { table, settings, version, updatedAt }]) => [
      name,
      toEntry(changed, changed.get(name)?.table ?? table, settings, { version, updated_at: updatedAt ?? '' }),
    ]),
  )
  return { ...snapshot, tables }
}

function changedTable(table: CatalogueTable, { table: name, column, to, as }: ColumnChange): CatalogueTable {
  const renamed = (columns: readonly string[]) =>
    columns.map((item) => (item === column && to !== undefined ? to : item))
  const isKept = (columns: readonly string[]) => to !== undefined || !columns.includes(column)
  const isOwn = table.name === name
  const own = (columns: readonly string[]) => (isOwn ? renamed(columns) : columns)
  const foreignKeys = table.foreignKeys
    .filter((key) => (!isOwn || isKept(key.columns)) && (key.table !== name || isKept(key.references)))
    .map((key) => ({
      table: key.table,
      columns: own(key.columns),
      references: key.table === name ? renamed(key.references) : key.references,
    }))
  if (!isOwn) return { ...table, foreignKeys }
  const columns = [...table.columns.values()].flatMap((item) =>
    item.name !== column ? [item] : to === undefined ? [] : [{ ...(as ?? item), name: to }],
  )
  return {
    ...table,
    columns: new Map(columns.map((item) => [item.name, item])),
    key: renamed(table.key),
    uniques: table.uniques.filter(isKept).map(renamed),
    foreignKeys,
  }
}
