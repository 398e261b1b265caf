import type { DataTableSchema, TableColumn, TableRelation } from '@atrium/client'

export type TableSchema = DataTableSchema
export type Column = TableColumn
export type Relation = TableRelation

/** A row as it is answered with `Prefer: numbers=string`: whole numbers and decimals are texts with all their digits. */
export type Row = Record<string, unknown>

/** A state a row was in. */
export interface Revision {
  rev: string
  /** `found`: what was there before the first change that is known. */
  action: string
  changed_by: string | null
  created_at: string
  record: Row
}

export interface RowPage {
  data: Row[]
  page: { next_cursor?: string | null; has_more?: boolean; total?: number }
}
