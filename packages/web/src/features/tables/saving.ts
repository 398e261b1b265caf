import { fetchRow, type HeldRow, isConflict, patchRow } from './data-api.ts'
import type { Row } from './types.ts'
import { isSame } from './values/same.ts'

export interface Conflict {
  field: string
  /** What it was when the change began. */
  base: unknown
  mine: unknown
  theirs: unknown
}

export type Saved =
  | { kind: 'saved'; held: HeldRow; isMerged: boolean }
  /** Both changed the same fields: a person decides. `held` is the row as it is now. */
  | { kind: 'conflict'; held: HeldRow; conflicts: Conflict[] }

/** Fields that are something else now than when the change began, and not what was wanted anyway. */
export const conflictsOf = (base: Row, changes: Row, now: Row): Conflict[] =>
  Object.entries(changes)
    .filter(
      ([field, mine]) => Object.hasOwn(now, field) && !isSame(now[field], base[field]) && !isSame(now[field], mine),
    )
    .map(([field, mine]) => ({ field, base: base[field], mine, theirs: now[field] }))

/** So often the row may change in other fields while it is saved, before that is told as a failure. */
const mostTries = 5

/**
 * Writes `changes`, which were made looking at `base`, onto the row as it was `held`. What others changed in other
 * fields stays; where they changed the same ones nothing is written.
 */
export async function saveChanges(table: string, key: string, held: HeldRow, base: Row, changes: Row): Promise<Saved> {
  let current = held
  for (let tries = 1; ; tries++) {
    const conflicts = conflictsOf(base, changes, current.row)
    if (conflicts.length > 0) return { kind: 'conflict', held: current, conflicts }
    try {
      const saved = await patchRow(table, key, current.etag, changes)
      return { kind: 'saved', held: saved, isMerged: tries > 1 }
    } catch (error) {
      if (!isConflict(error) || tries === mostTries) throw error
      current = await fetchRow(table, key)
    }
  }
}
