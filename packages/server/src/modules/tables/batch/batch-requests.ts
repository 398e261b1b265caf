import type { Static } from 'typebox'
import { platformErrors } from '../../../platform/errors.ts'
import { tablesErrors } from '../tables.errors.ts'
import type { Batch } from './batch.schema.ts'
import { tablePath } from './batch-paths.ts'
import { type Earlier, pathWithValues, queryWithValues, withValues } from './batch-references.ts'

/** One request of a batch. */
export type One = Static<typeof Batch>['requests'][number]

const ownHeaders = new Set(['if-match', 'prefer'])

/** Before anything is done. Throws batch_not_allowed, validation_failed. */
export function assertBatch(requests: readonly One[]): void {
  const ids = new Set<string>()
  for (const [index, { id, method, path, body, headers = {} }] of requests.entries()) {
    const at = `/requests/${index}`
    if (!tablePath(path)) throw tablesErrors.batch_not_allowed({ members: { index, id } })
    const errors = [
      ...(ids.has(id) ? [{ pointer: `${at}/id`, code: 'duplicate', message: 'Another request has this id' }] : []),
      ...(body !== undefined && (method === 'GET' || method === 'DELETE')
        ? [{ pointer: `${at}/body`, code: 'unknown_field', message: `A ${method} has no body` }]
        : []),
      ...Object.keys(headers)
        .filter((name) => !ownHeaders.has(name.toLowerCase()))
        .map((name) => ({
          pointer: `${at}/headers/${name}`,
          code: 'unknown_field',
          message: 'A request of a batch takes If-Match and Prefer',
        })),
    ]
    if (errors.length > 0) throw platformErrors.validation_failed({ members: { errors } })
    ids.add(id)
  }
}

/** With the values its references stand for. Throws batch_not_allowed, validation_failed. */
export function resolved(one: One, earlier: Earlier, index: number): One {
  const at = `/requests/${index}`
  const place = tablePath(one.path)
  const path = tablePath(pathWithValues(place?.path ?? '', earlier, `${at}/path`))?.path
  if (!place || path === undefined) throw tablesErrors.batch_not_allowed({ members: { index, id: one.id } })
  const query = queryWithValues(place.query, earlier, `${at}/path`)
  return {
    ...one,
    path: `${path}${query === '' ? '' : `?${query}`}`,
    ...(one.body === undefined ? {} : { body: withValues(one.body, earlier, `${at}/body`) }),
  }
}
