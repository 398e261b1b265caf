import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { dueQuery } from './digest.repository.ts'
import { insertNotifications, pageQuery, unreadCountQuery } from './notifications.repository.ts'
import { holdersQuery, oldQuery, surplusQuery } from './purge.ts'

let test: TestHandle
const people = Array.from({ length: 40 }, () => newId())
const [me] = people as [string]
const unreadOfMine = 7

/** People with a long history, of which next to nothing is unread. */
beforeAll(async () => {
  test = await openTestDatabase()
  const nothing = { actor_id: null, target_type: null, target_id: null, target_url: null, data: '{}', mailed_at: null }
  await test.handle.unitOfWork(async ({ tx }) => {
    for (const user_id of people) {
      const rows = Array.from({ length: 150 }, (_, index) => {
        const at = new Date(Date.UTC(2026, 9, 1, 0, index)).toISOString()
        const unread = index < unreadOfMine ? 1 : 0
        const read_at = unread ? null : at
        const type = index % 2 ? 'system' : 'message_mention'
        return {
          id: newId(),
          user_id,
          type,
          unread,
          read_at,
          ...nothing,
          mail_due_at: unread ? at : null,
          created_at: at,
        }
      })
      await insertNotifications(tx, rows)
    }
  })
  const analyze = { sqlite: 'analyze', postgres: 'vacuum analyze', mariadb: 'analyze table notifications' }[testEngine]
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

const page = { limit: 20, before: newId() }
const reads = {
  'how much is unread': (db: Db) => unreadCountQuery(db, me),
  'a page of the list': (db: Db) => pageQuery(db, me, page),
  'a page of what is unread': (db: Db) => pageQuery(db, me, { ...page, unread: true }),
  'who is to be mailed': (db: Db) => dueQuery(db, '2026-10-01T00:03:00.000Z', 10),
  'what was read long ago': (db: Db) => oldQuery(db, '2026-10-01T00:08:00.000Z'),
  'how many each person has': (db: Db) => holdersQuery(db, me),
  'what is beyond a thousand': (db: Db) => surplusQuery(db, me),
  'a page of one type': (db: Db) => pageQuery(db, me, { ...page, type: 'system' }),
}

it.each(Object.entries(reads))('%s: found by an index, without sorting', async (name, query) => {
  const { plan, offences } = await explain(test.handle, query(test.handle.db))
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})

it('N02: counting what is unread reads nothing of the history', async () => {
  const { plan } = await explain(test.handle, unreadCountQuery(test.handle.db, me))
  const text = JSON.stringify(plan)
  expect(text).toContain('notifications_user_id_unread_id_index')
  // Both columns decide where in the index it is read, and no row is looked at beside it.
  const bounds = {
    sqlite: () => expect(text).toMatch(/COVERING INDEX \S+ \(user_id=\? AND unread=\?\)/),
    postgres: () => expect(text).toMatch(/Index Cond: [^"]*user_id[^"]*unread/),
    mariadb: () => {
      expect(plan).toMatchObject([{ key: 'notifications_user_id_unread_id_index', ref: 'const,const' }])
      expect(Number(plan[0]?.rows)).toBeLessThanOrEqual(2 * unreadOfMine)
    },
  }
  bounds[testEngine]()
})
