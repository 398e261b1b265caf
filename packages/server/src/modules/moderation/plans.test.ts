import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { bans } from './bans.repository.ts'
import { decidedReports, type ReportRow, reports } from './reports.repository.ts'

let test: TestHandle
const people = Array.from({ length: 50 }, () => newId())
const [me = ''] = people
const at = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString()

const report = (index: number): ReportRow => ({
  ...{ id: newId(), reporter_id: people[index % 50] ?? '', target_type: 'user', target_id: newId(), open_key: newId() },
  ...{
    target_user_id: (index % 2 ? people[index % 50] : me) ?? '',
    conversation_id: null,
    excerpt: null,
    reason: 'spam',
  },
  ...{
    comment: null,
    status: index % 10 ? 'resolved' : 'open',
    note: null,
    decided_by: null,
    decided_at: index % 10 ? at(index) : null,
  },
  ...{ created_at: at(index), updated_at: at(index), version: 1 },
})

beforeAll(async () => {
  test = await openTestDatabase()
  for (let first = 0; first < 2000; first += 250) {
    const rows = Array.from({ length: 250 }, (_, index) => report(first + index))
    const banned = Array.from({ length: 250 }, (_, index) => ({
      ...{ id: newId(), subject: newId(), user_id: null, reason: 'x', created_by: me, created_at: at(index) },
      ...{ network: `10.${index}.${first % 256}.0`, until: at(first + index) },
    }))
    await test.handle.unitOfWork(async ({ tx }) => {
      await tx.insertInto('reports').values(rows).execute()
      await tx.insertInto('bans').values(banned).execute()
    })
  }
  const analyze = testEngine === 'mariadb' ? 'analyze table reports, bans' : 'analyze'
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

const reads = {
  'open reports': (db: Db) => reports(db, { status: 'open', limit: 20 }),
  'open reports, later on': (db: Db) => reports(db, { status: 'open', before: newId(), limit: 20 }),
  'reports about a person': (db: Db) => reports(db, { userId: me, limit: 20 }),
  'reports decided long ago': (db: Db) => decidedReports(db, at(3), 50),
  'the same report': (db: Db) => db.selectFrom('reports').selectAll().where('open_key', '=', newId()),
  'what a person reported': (db: Db) => db.selectFrom('reports').select('id').where('reporter_id', '=', me),
  'the ban of somebody': (db: Db) => db.selectFrom('bans').selectAll().where('subject', '=', `user:${me}`),
  'bans that ended': (db: Db) =>
    db.selectFrom('bans').selectAll().where('until', '<=', at(3)).orderBy('until').limit(50),
}

it.each(Object.entries(reads))('%s: found by an index, without sorting', async (name, query) => {
  const { plan, offences } = await explain(test.handle, query(test.handle.db))
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})

it('all reports, and the bans in force, are read by key from the newest on', async () => {
  for (const query of [reports(test.handle.db, { limit: 20 }), bans(test.handle.db, { now: at(1), limit: 20 })]) {
    const { plan } = await explain(test.handle, query)
    expect(JSON.stringify(plan)).not.toMatch(/filesort|TEMP B-TREE|"Sort/)
  }
})
