import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import { AppError } from '../../../platform/errors.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { anyOf, type Grant } from '../policy/table-view.ts'
import { setQueryOf } from '../query/asked.ts'
import type { Field } from '../query/condition.ts'
import { parseCondition } from '../query/list-request.ts'
import type { TableEntry } from '../registry.ts'
import { parseKey } from '../rows/row-key.ts'
import { anyOfMany, matching, selectRows } from '../rows/select.ts'
import { findKeys } from '../rows/set-changes.service.ts'
import { conflictColumns, tupleOf } from '../rows/upsert.service.ts'
import { writable } from '../rows/write-checks.ts'
import { tablePath } from './batch-paths.ts'
import { isReference } from './batch-references.ts'

/** A request of a batch, as far as it says which rows it is about. */
export interface Announced {
  method: string
  path: string
  body?: unknown
}

interface Wanted {
  entry: TableEntry
  grants: readonly Grant[]
  columns: readonly Field[]
  tuples: readonly (readonly string[])[]
}

/** Of one table: engines look up so many alternatives of one statement by an index. Others are locked in their turn. */
const mostAhead = 100

/**
 * Locks the rows that a batch names, before its first request: in the order of tables and keys, whatever order the
 * requests have. Two batches over the same rows wait for each other so, and neither is in the other's way half done.
 * What cannot be known beforehand is locked in its turn; there the engine ends one of two, and it is repeated with what
 * it has come to know.
 */
export class RowsAhead {
  readonly #deps: CallerAccessDependencies

  constructor(deps: CallerAccessDependencies) {
    this.#deps = deps
  }

  /** Within the transaction of the batch. Refuses nothing: that is for the requests themselves. */
  async lock(actor: Actor, requests: readonly Announced[]): Promise<void> {
    const access = await accessOf(this.#deps, actor)
    const all = await Promise.all(requests.map((request) => wantedBy(access, request)))
    const wanted = all.filter((one) => one !== undefined)
    const byTable = Map.groupBy(wanted, ({ entry }) => entry.table.name)
    for (const name of [...byTable.keys()].sort()) {
      await lockTogether(access, byTable.get(name) ?? []).catch((error: unknown) => {
        // What is wrong with a value is told by the request that has it.
        if (access.snapshot.dialect.classify(error) === undefined) throw error
      })
    }
  }
}

async function wantedBy(access: TableAccess, request: Announced): Promise<Wanted | undefined> {
  try {
    if (request.method === 'POST') return upserted(access, request)
    if (!['PUT', 'PATCH', 'DELETE'].includes(request.method)) return undefined
    return addressed(access, request) ?? (await found(access, request))
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** The row at an address. */
function addressed(access: TableAccess, { method, path }: Announced): Wanted | undefined {
  const [, , table = '', key, more] = tablePath(path)?.path.split('/') ?? []
  if (key === undefined || more !== undefined || isReference(key) || isReference(table)) return undefined
  const { entry, grants } = writable(access, decodeURIComponent(table), method === 'DELETE' ? 'delete' : 'update')
  const whole = access.whole(entry)
  return { entry, grants, columns: whole.key, tuples: [parseKey(whole, key)] }
}

/** The rows of a filter, as it finds them now. */
async function found(access: TableAccess, { method, path }: Announced): Promise<Wanted | undefined> {
  const { path: place = '', query = '' } = tablePath(path) ?? {}
  const [, , table = '', more] = place.split('/')
  if (more !== undefined || isReference(table) || isReference(decodeURIComponent(query))) return undefined
  const view = writable(access, decodeURIComponent(table), method === 'DELETE' ? 'delete' : 'update')
  const { entry, grants } = view
  const seen = access.view(view.table, 'list')
  const asked = setQueryOf(Object.fromEntries(new URLSearchParams(query)) as Parameters<typeof setQueryOf>[0])
  const condition = parseCondition(seen, asked)
  const bounds = { seen, grants, condition, limit: mostAhead, forUpdate: false }
  const tuples = await findKeys(access.snapshot.handle.db, access, bounds)
  return { entry, grants, columns: access.whole(entry).key, tuples }
}

/** Rows that are changed where they are there. */
function upserted(access: TableAccess, { path, body }: Announced): Wanted | undefined {
  const place = tablePath(path)
  const [, , table = '', more] = place?.path.split('/') ?? []
  const names = new URLSearchParams(place?.query).get('on_conflict')
  if (names === null || more !== undefined || isReference(table) || isReference(names)) return undefined
  const view = writable(access, decodeURIComponent(table), 'create')
  const columns = conflictColumns(access, view, names)
  const { entry, grants } = writable(access, view.table, 'update')
  const tuples = [body].flat().flatMap((row) => {
    const tuple = tupleOf(columns, row, '')
    return tuple && !tuple.some(isReference) ? [tuple] : []
  })
  const whole = access.whole(entry)
  const all = columns.flatMap(({ column }) => whole.readable.get(column.name) ?? [])
  return { entry, grants, columns: all, tuples }
}

async function lockTogether(access: TableAccess, wanted: readonly Wanted[]): Promise<void> {
  const [first] = wanted
  if (!first) return
  const { compiling: context, snapshot } = access
  const whole = access.whole(first.entry)
  const alias = context.alias()
  let left = mostAhead
  const any = wanted.flatMap(({ columns, tuples, grants }): Sql[] => {
    const some = tuples.slice(0, left)
    left -= some.length
    const open = anyOf(grants, alias, context)
    return some.map((tuple) => {
      const named = matching(columns, [tuple], alias, context)
      return open ? sql`(${named} and ${open})` : named
    })
  })
  if (any.length === 0) return
  const order = sql.join(whole.key.map(({ column, ref }) => context.dialect.comparable(column, ref(alias))))
  const where = [anyOfMany(any)]
  const query = { view: whole, alias, fields: [], cells: [], where, order, exactAsText: false, forUpdate: true }
  await snapshot.handle.unitOfWork(({ tx }) => selectRows(tx, query, context))
}
