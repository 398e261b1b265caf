import type { Filter } from './filters/filter-model.ts'

/** What the address of a table says of how it is looked at. */
export interface DataSearch {
  filter?: Filter
  sort?: string
  q?: string
  /** Columns that are shown; all that fit when absent. */
  columns?: string
}

const text = (value: unknown, most: number): string | undefined => {
  const given = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  return typeof given === 'string' && given !== '' ? given.slice(0, most) : undefined
}

export function readDataSearch(search: Record<string, unknown>): DataSearch {
  const { filter } = search
  const [sort, q, columns] = [text(search.sort, 1000), text(search.q, 200), text(search.columns, 4000)]
  return {
    ...(typeof filter === 'object' && filter !== null && !Array.isArray(filter) ? { filter: filter as Filter } : {}),
    ...(sort ? { sort } : {}),
    ...(q ? { q } : {}),
    ...(columns ? { columns } : {}),
  }
}

export type Direction = 'ascending' | 'descending'

const terms = (sort: string | undefined): string[] => (sort ?? '').split(',').filter(Boolean)

export const directionOf = (sort: string | undefined, column: string): Direction | undefined =>
  terms(sort).includes(column) ? 'ascending' : terms(sort).includes(`-${column}`) ? 'descending' : undefined

/** Up, down, and as it was; `isMore` keeps what it is sorted by already, before it. */
export function nextSort(sort: string | undefined, column: string, isMore: boolean): string | undefined {
  const direction = directionOf(sort, column)
  const next = direction === undefined ? column : direction === 'ascending' ? `-${column}` : undefined
  const others = isMore ? terms(sort).filter((term) => term !== column && term !== `-${column}`) : []
  return [...others, ...(next ? [next] : [])].join(',') || undefined
}
