import type { Static } from 'typebox'
import type { AggregateQueryString, ListQueryString } from '../data.schema.ts'
import type { AggregateQuery } from '../rows/aggregate.service.ts'
import { type ListQuery, readParameters } from './list-request.ts'

/** The list that the parameters of an address ask for. Throws bad_filter, unknown_field. */
export function listQueryOf(query: Static<typeof ListQueryString>): ListQuery {
  const { short, ...filter } = readParameters(query as Record<string, unknown>)
  const { sort, limit, cursor, page, count, search, fields, expand } = query
  return { ...filter, short, sort, limit, cursor, page, count, search, fields, expand }
}

/** The same of groups; tests on results are written `having[…]`. */
export function aggregateQueryOf(query: Static<typeof AggregateQueryString>): AggregateQuery {
  const all = Object.entries(query as Record<string, unknown>)
  const isTest = ([name]: [string, unknown]) => name.startsWith('having[')
  const { short, ...filter } = readParameters(Object.fromEntries(all.filter((entry) => !isTest(entry))), [
    'group_by',
    'metrics',
  ])
  const tested = all.filter(isTest).map(([name, value]) => [name.replace('having', 'filter'), value] as const)
  const { group_by, metrics, limit, search } = query
  return {
    ...filter,
    short,
    group_by,
    metrics,
    limit,
    search,
    having: readParameters(Object.fromEntries(tested)).short,
  }
}
