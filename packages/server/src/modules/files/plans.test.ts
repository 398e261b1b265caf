import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { newKey } from '../../platform/storage/storage.ts'
import { allFilesQuery, usageQuery } from './all-files.repository.ts'
import { pageQuery, unusedQuery } from './files.repository.ts'
import { dueRemovalsQuery, expiredQuery } from './uploads.repository.ts'

let test: TestHandle
const people = Array.from({ length: 30 }, () => newId())
const [me] = people as [string]
const minute = (at: number) => new Date(Date.UTC(2026, 9, 1, 0, at)).toISOString()

beforeAll(async () => {
  test = await openTestDatabase()
  const facts = { visibility: 'private', name: 'a', size: 1, sha256: '0', width: null, height: null, details: null }
  const upload = { kind: 'direct', name: 'a', purpose: 'file', visibility: 'private', size: null, reserved: 0 }
  const state = { received: 0, sha256: null, content_type: null, state: null }
  await test.handle.unitOfWork(async ({ tx }) => {
    for (const owner_id of people) {
      const rows = Array.from({ length: 100 }, (_, index) => {
        const id = newId()
        const times = { created_at: minute(index), updated_at: minute(index), version: 1 }
        const purpose = index % 5 ? 'file' : 'attachment'
        const unused_since = index % 50 ? null : minute(index)
        return {
          id,
          owner_id,
          purpose,
          ...facts,
          size: index + 1,
          content_type: 'x',
          storage_key: newKey(id),
          unused_since,
          ...times,
        }
      })
      await tx.insertInto('files').values(rows).execute()
      const uploads = rows.map(({ id, storage_key, created_at }) => {
        return { id, owner_id, storage_key, ...upload, ...state, expires_at: created_at, created_at }
      })
      await tx.insertInto('file_uploads').values(uploads).execute()
      const removals = rows.map(({ storage_key, created_at }) => ({ storage_key, due_at: created_at, attempts: 0 }))
      await tx.insertInto('file_removals').values(removals).execute()
      await tx
        .insertInto('file_usage')
        .values({ owner_id, bytes: 100 + people.indexOf(owner_id) })
        .execute()
    }
  })
  await test.handle.migrationSession(async (session) => {
    for (const table of ['files', 'file_uploads', 'file_removals', 'file_usage']) {
      const analyze = { sqlite: 'analyze', postgres: 'vacuum analyze', mariadb: 'analyze table' }[testEngine]
      await sql.raw(`${analyze} ${table}`).execute(session)
    }
  })
})
afterAll(() => test.drop())

const page = { limit: 20, before: newId() }
const last = { id: newId(), size: 50 }
const reads = {
  'a page of the list': (db: Db) => pageQuery(db, me, page),
  'a page of one purpose': (db: Db) => pageQuery(db, me, { ...page, purpose: 'attachment' }),
  'everybody’s, the newest first': (db: Db) => allFilesQuery(db, { order: 'newest', after: last, limit: 20 }),
  'everybody’s, the largest first': (db: Db) => allFilesQuery(db, { order: 'largest', after: last, limit: 20 }),
  'who takes the most room': (db: Db) => usageQuery(db, { ownerId: me, bytes: 120 }, 20),
  'what nothing uses': (db: Db) => unusedQuery(db, minute(3), 10),
  'uploads nobody works on': (db: Db) => expiredQuery(db, minute(3), 10),
  'what is to be removed': (db: Db) => dueRemovalsQuery(db, minute(3), 10),
}

it.each(Object.entries(reads))('%s: found by an index, without sorting', async (name, query) => {
  const { plan, offences } = await explain(test.handle, query(test.handle.db))
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})
