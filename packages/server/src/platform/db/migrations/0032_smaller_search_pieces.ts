import type { Migration } from '../migration.ts'

/** What is added, deleted or looked for touches less of the index of words. What is there already is rewritten as it is merged. */
export const smallerSearchPieces: Migration = {
  async up(db, { search }) {
    await search.writeSmaller?.(db, 'message_search')
  },
}
