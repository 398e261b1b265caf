import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Sql, TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import type { OperatorName } from './operators.ts'

/** A column as its reader may see it: nothing else of a query refers to columns. */
export interface Field {
  column: Column
  /** Its value in the row called `alias`; null where this reader does not see it. */
  ref(alias: string): Sql
  /** It is seen as it is in every row, so that how it is read depends on no caller. */
  isPlain?: boolean
  /** Operators that cost more than others, as far as they may be used here. */
  optional?: ReadonlySet<string> | undefined
}

/** Rows of another table as the reader may see them. */
export interface RowSource {
  table: string
  /** What a row has to be like to be seen; undefined: all are. */
  visible(alias: string, sql: Compiling): Sql | undefined
}

export type Condition =
  | { kind: 'all' | 'any'; items: readonly Condition[] }
  | { kind: 'not'; item: Condition }
  | { kind: 'test'; field: Field; operator: OperatorName; values: readonly string[] }
  | {
      kind: 'related'
      columns: readonly Field[]
      source: RowSource
      references: readonly Field[]
      item: Condition
    }

/** What a statement is made with. */
export interface Compiling {
  dialect: TablesDialect
  /** A name for a row that no other row of the statement has. */
  alias(): string
  /** The text of a piece that has no values in it; undefined where it has. */
  textOf(piece: Sql): string | undefined
}

export function compiling(dialect: TablesDialect, db: Db): Compiling {
  let count = 0
  return {
    dialect,
    alias: () => `r${count++}`,
    textOf: (piece) => {
      const { sql, parameters } = piece.compile(db)
      return parameters.length === 0 ? sql : undefined
    },
  }
}
