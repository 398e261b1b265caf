import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { createUser } from '../accounts/index.ts'
import { ownBlocks } from './blocks.repository.ts'
import { openRequests } from './friends.repository.ts'

let test: TestHandle
const people: string[] = []
const at = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString()

/** Somebody with many others, and others with few: enough rows that reading, or sorting, all of them is the worse plan. */
beforeAll(async () => {
  test = await openTestDatabase()
  await test.handle.unitOfWork(async (uow) => {
    for (let index = 0; index < 300; index++) {
      const name = `person${index}`
      const identity = { username: name, usernameKey: name, email: name, emailKey: `${name}@example.com` }
      const input = { identity, passwordHash: null, roles: [], profile: {} }
      people.push((await createUser(uow, input, () => new Date())).id)
    }
    const [hub = '', ...others] = people
    const pairs = [
      ...others.flatMap((id) => [[hub, id] as const, [id, hub] as const]),
      ...others.map((id, index) => [id, others[(index + 1) % others.length] ?? hub] as const),
    ]
    await uow.tx
      .insertInto('friendships')
      .values(pairs.map(([a, b], i) => ({ user_id: a, friend_id: b, since: at(i) })))
      .execute()
    await uow.tx
      .insertInto('blocks')
      .values(pairs.map(([a, b], i) => ({ blocker_id: a, blocked_id: b, created_at: at(i) })))
      .execute()
    const requests = pairs.map(([a, b], index) => ({
      ...{ id: newId(), from_id: a, to_id: b, open_key: null, created_at: at(index) },
      ...(index % 3 ? { status: 'declined', decided_at: at(index) } : { status: 'pending', decided_at: null }),
    }))
    await uow.tx.insertInto('friend_requests').values(requests).execute()
  })
  const analyze = testEngine === 'mariadb' ? 'analyze table users, friendships, friend_requests, blocks' : 'analyze'
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

const [me, other] = [() => people[0] ?? '', () => people[9] ?? '']
const reads = {
  'friends of a person': (db: Db) => db.selectFrom('friendships').selectAll().where('user_id', '=', me()),
  'friends of one among others': (db: Db) =>
    db
      .selectFrom('friendships')
      .select('friend_id')
      .where('user_id', '=', me())
      .where('friend_id', 'in', people.slice(0, 5)),
  'open requests to a person': (db: Db) => openRequests(db, me(), 'incoming', { limit: 20 }),
  'open requests by a person, later on': (db: Db) => openRequests(db, me(), 'outgoing', { before: newId(), limit: 20 }),
  'the open request of two': (db: Db) =>
    db.selectFrom('friend_requests').selectAll().where('open_key', '=', `${me()}:${other()}`),
  'requests decided long ago': (db: Db) =>
    db.selectFrom('friend_requests').select('id').where('decided_at', '<=', at(3)).orderBy('decided_at').limit(500),
  'blocks of a person': (db: Db) => ownBlocks(db, me(), { limit: 20 }),
  'blocks of a person, later on': (db: Db) => ownBlocks(db, me(), { after: [at(300), other()], limit: 20 }),
  'blocks against a person': (db: Db) =>
    db.selectFrom('blocks').select(['blocker_id', 'blocked_id']).where('blocked_id', '=', me()),
}

it.each(Object.entries(reads))('%s: found by an index, without sorting', async (name, query) => {
  const { plan, offences } = await explain(test.handle, query(test.handle.db))
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})
