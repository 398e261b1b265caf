import type { ColumnDefinitionBuilder, Expression } from 'kysely'
import type { Db } from '../schema.ts'

type ColumnType = Expression<unknown>
type Refine = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder

const unchanged: Refine = (column) => column

/** Adds the columns a table does not have yet, so that a migration that was cut off can be repeated. */
export async function addColumns(
  db: Db,
  table: string,
  columns: Readonly<Record<string, readonly [ColumnType, Refine?]>>,
): Promise<void> {
  const known = (await db.introspection.getTables()).find(({ name }) => name === table)
  const missing = Object.entries(columns).filter(([name]) => !known?.columns.some((column) => column.name === name))
  for (const [name, [type, refine = unchanged]] of missing) {
    await db.schema
      .alterTable(table)
      .addColumn(name, type as never, refine)
      .execute()
  }
}
