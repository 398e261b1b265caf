import type { Cursors } from '../../../platform/http/cursor.ts'
import type { Paging } from '../../../platform/http/page-links.ts'
import type { SortTerm } from '../query/selection.ts'

/** A page as its JSON, and where its neighbours are. */
export interface RowPage {
  json: string
  page: Paging
}

export const maxCursor = 6000

export const pageJson = (data: readonly string[], paging: object): string =>
  `{"data":[${data.join(',')}],"page":${JSON.stringify(paging)}}`

/** A page between cursors; `hasMore`: there is another row behind it, or before it where it is read backwards. */
export function cursorPage(
  data: readonly string[],
  options: { limit: number; total?: number | undefined; hasMore: boolean; isBackwards: boolean; hasPlace: boolean },
  cursorAt: (index: number, backwards: boolean) => string | null,
): RowPage {
  const { limit, total, hasMore, isBackwards, hasPlace } = options
  const goesOn = isBackwards ? data.length > 0 : hasMore
  const page = {
    limit,
    next_cursor: goesOn ? cursorAt(-1, false) : null,
    prev_cursor: (isBackwards ? hasMore : hasPlace) ? cursorAt(0, true) : null,
    has_more: goesOn,
    ...(total === undefined ? {} : { total }),
  }
  return { json: pageJson(data, page), page }
}

/** A cursor belongs to one order of one table. */
export const listOf = (
  { table }: { table: string },
  { sort, order }: { sort: readonly SortTerm[]; order: string },
): string => JSON.stringify(['data', table, order, sort.map(({ field }) => field.column.name)])

export function signPlace(
  cursors: Cursors,
  list: string,
  values: readonly (string | null)[],
  backwards: boolean,
): string | null {
  const cursor = cursors.encode(list, [backwards ? 'p' : 'n', ...values])
  // A long text in the order makes a cursor no address can carry; pages work without.
  return cursor.length > maxCursor ? null : cursor
}

/** Throws bad_cursor. */
export function readPlace(cursors: Cursors, list: string, cursor: string) {
  const [direction, ...values] = cursors.decode<(string | null)[]>(list, cursor)
  return { backwards: direction === 'p', values }
}
