import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import { newId } from '../../platform/ids.ts'
import { type AuditFilter, type AuditRow, attemptCounts, auditEvents } from './audit.repository.ts'
import { auditTypes } from './audit-types.ts'

let test: TestHandle
const people = Array.from({ length: 5 }, () => newId())
const types = ['login_success', 'logout', 'refresh_reuse', 'password_changed', 'user_created', 'admin_read'] as const
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()

const row = (i: number): AuditRow => ({
  ...{ id: newId(), at: at(i), type: types[i % 6] as string, outcome: i % 7 ? 'success' : 'failure' },
  ...{ category: auditTypes[types[i % 6] ?? 'logout'].category, success: i % 7 ? 1 : 0, source: 'http' },
  ...{ actor_id: people[i % 5] as string, actor_kind: 'user', impersonator_id: null, session_id: null },
  ...{ user_id: people[(i * 3) % 5] as string, ip: `203.0.113.${i % 6}`, user_agent: 'x', method: 'GET', path: '/' },
  ...{ request_id: null, resource_type: null, resource_id: null, detail: '{}', retention: 'access' },
  keep_until: at(i + 100_000),
})

/** Enough rows that reading all of them is the worse plan, and statistics that say so. */
beforeAll(async () => {
  test = await openTestDatabase()
  for (let first = 0; first < 3000; first += 250) {
    const rows = Array.from({ length: 250 }, (_, i) => row(first + i))
    await test.handle.unitOfWork(({ tx }) => tx.insertInto('audit_events').values(rows).execute())
  }
  const analyze = testEngine === 'mariadb' ? 'analyze table audit_events' : 'analyze'
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

const conditions: AuditFilter = {
  ...{ type: 'logout', category: 'authentication', user_id: people[3], actor_id: people[4], ip: '203.0.113.5' },
  ...{ success: 0, from: at(10) },
}
const names = Object.keys(conditions) as (keyof AuditFilter)[]
const subsets = Array.from({ length: 2 ** names.length }, (_, bits) =>
  names.filter((_, position) => (bits >> position) & 1),
)
const filterOf = (subset: readonly (keyof AuditFilter)[]): AuditFilter =>
  Object.fromEntries(subset.map((name) => [name, conditions[name]]))

it.each(names)('%s alone: found by an index, without sorting', async (name) => {
  for (const place of [undefined, [at(2000), newId()] as const]) {
    const { plan, offences } = await explain(test.handle, auditEvents(test.handle.db, filterOf([name]), place, 50))
    expect(offences, JSON.stringify(plan, null, 2)).toEqual([])
  }
})

it('every combination of filters uses an index', async () => {
  const usesNone: unknown[] = []
  for (const subset of subsets) {
    for (const place of [undefined, [at(2000), newId()] as const]) {
      const { plan } = await explain(test.handle, auditEvents(test.handle.db, filterOf(subset), place, 50))
      if (!plan.some(namesIndex[testEngine])) usesNone.push([subset, plan])
    }
  }
  expect(subsets).toHaveLength(128)
  expect(usesNone).toEqual([])
})

const namesIndex: Record<typeof testEngine, (line: Record<string, unknown>) => boolean> = {
  sqlite: ({ detail }) => /USING (COVERING )?INDEX/.test(String(detail)),
  postgres: (line) => /Index/.test(String(line['QUERY PLAN'])),
  mariadb: ({ key }) => key !== null,
}

it('the purge finds what it may remove by an index', async () => {
  const query = test.handle.db.selectFrom('audit_events').select('id').where('keep_until', '<=', at(5))
  const { plan, offences } = await explain(test.handle, query.orderBy('keep_until').limit(500))
  expect(offences, JSON.stringify(plan, null, 2)).toEqual([])
})

it.each(['user_id', 'ip'] as const)('the watch counts attempts by %s within its window alone', async (by) => {
  const query = attemptCounts(test.handle.db, { by, types: ['login_failed'], since: at(2950), limit: 100 })
  const { plan } = await explain(test.handle, query)
  expect(plan.some(namesIndex[testEngine]), JSON.stringify(plan, null, 2)).toBe(true)
})
