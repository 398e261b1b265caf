import type { Column, Revision, Row } from '../types.ts'
import { isSame } from '../values/same.ts'

export interface FieldChange {
  column: Column
  before: unknown
  after: unknown
}

/** What one state has otherwise than another, in the order of the columns. */
export const changesBetween = (before: Row, after: Row, columns: readonly Column[]): FieldChange[] =>
  columns.flatMap((column) => {
    const [was, is] = [before[column.name] ?? null, after[column.name] ?? null]
    return isSame(was, is) ? [] : [{ column, before: was, after: is }]
  })

/** What a state brought with it; for the first one that is known, what there was. */
export function broughtBy(revisions: readonly Revision[], index: number, columns: readonly Column[]): FieldChange[] {
  const revision = revisions[index]
  if (!revision) return []
  const older = revision.action === 'update' ? revisions[index + 1]?.record : undefined
  return changesBetween(older ?? {}, revision.record, columns)
}
