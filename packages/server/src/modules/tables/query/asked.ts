import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { platformErrors } from '../../../platform/errors.ts'
import type { AggregateQueryString, CreateQuery, ListQueryString, SetQueryString } from '../data.schema.ts'
import type { AggregateQuery } from '../rows/aggregate.service.ts'
import { type ListQuery, readParameters } from './list-request.ts'

/** The list that the parameters of an address ask for. Throws bad_filter, unknown_field. */
export function listQueryOf(query: Static<typeof ListQueryString>): ListQuery {
  const { short, ...filter } = readParameters(query as Record<string, unknown>)
  const { sort, limit, cursor, page, count, search, fields, expand } = query
  return { ...filter, short, sort, limit, cursor, page, count, search, fields, expand }
}

/** The rows that a change of many is about. */
export function setQueryOf(query: Static<typeof SetQueryString>): ListQuery {
  const known = ['filter', 'search', 'dry_run']
  return { ...readParameters(query as Record<string, unknown>, [], known), search: query.search }
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

/** Undefined where it is no upsert. Throws validation_failed. */
export function conflictOf({ on_conflict, resolution }: Static<typeof CreateQuery>) {
  if (on_conflict !== undefined) return { onConflict: on_conflict, resolution: resolution ?? 'merge' }
  if (resolution === undefined) return undefined
  const error = { pointer: '/on_conflict', code: 'required', message: 'resolution goes with on_conflict' }
  throw platformErrors.validation_failed({ members: { errors: [error] } })
}

/** What a change of many is bound by. */
export function setOptions({ headers, query }: Pick<FastifyRequest, 'headers' | 'query'>) {
  const [, bound] =
    /(?:^|[\s,;])max-affected\s*=\s*"?(\d{1,9})"?(?=$|[\s,;])/.exec([headers.prefer ?? []].flat().join(',')) ?? []
  return {
    maxAffected: bound === undefined ? undefined : Number(bound),
    ifMatch: headers['if-match'],
    dryRun: (query as Static<typeof SetQueryString>).dry_run,
  }
}
