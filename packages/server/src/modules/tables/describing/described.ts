import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Relation } from '../registry.ts'

export interface DescribedColumn {
  column: Column
  /** Digits that a double does not hold. */
  isExact: boolean
  /** Absent: it is not seen, not sent with a new row, not changed. */
  read: boolean
  create: boolean
  update: boolean
  /** A new row needs it. */
  required: boolean
}

/** A table as one caller may use it: what is written about it says no more than this. */
export interface TableDescription {
  name: string
  label: string | null
  description: string | null
  actions: readonly string[]
  key: readonly string[]
  columns: readonly DescribedColumn[]
  relations: readonly Relation[]
}
