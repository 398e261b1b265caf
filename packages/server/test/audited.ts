import type { AuditEntry } from '../src/modules/audit/index.ts'
import { type CallContext, runInContext } from '../src/platform/context.ts'
import { newId } from '../src/platform/ids.ts'
import type { TestApp } from './test-app.ts'

/** Writes down something that happened in the context of this call. */
export const happened = ({ database, services }: TestApp, entry: AuditEntry, call: Partial<CallContext> = {}) =>
  runInContext({ source: 'http', actor: null, ...call }, () =>
    database.unitOfWork(({ tx }) => services.audit.record(tx, entry)),
  )

/** The same event many times over, as `change` makes it different; many inserts in one are much faster. */
export async function repeated(
  { database }: Pick<TestApp, 'database'>,
  id: string,
  times: number,
  change: (i: number) => object,
): Promise<void> {
  const like = await database.db.selectFrom('audit_events').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  for (let first = 0; first < times; first += 250) {
    const numbers = Array.from({ length: Math.min(250, times - first) }, (_, i) => first + i)
    const rows = numbers.map((i) => ({ ...like, ...change(i), id: newId() }))
    await database.unitOfWork(({ tx }) => tx.insertInto('audit_events').values(rows).execute())
  }
}
