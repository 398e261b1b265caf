import { type Compilable, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { listPublicChannels } from './channels.repository.ts'
import { listEnded } from './departures.repository.ts'
import { findInvite, listInvites } from './invites.repository.ts'
import { countOwners, listBans, listMembers, listNewcomers } from './members.repository.ts'

let test: TestHandle
const conversations = Array.from({ length: 30 }, () => newId())
const people = Array.from({ length: 60 }, () => newId())
const conversationId = conversations[7] as string
const at = '2026-11-21T08:00:00.000Z'

/** Enough rows that reading all of them is the worse plan, and statistics that say so. */
beforeAll(async () => {
  test = await openTestDatabase()
  await test.handle.unitOfWork(async ({ tx }) => {
    for (const [index, id] of conversations.entries()) {
      const row = { id, kind: 'channel', title: `Channel ${index}`, direct_key: null, created_by: newId() }
      const more = { last_number: 0, last_message_at: null, created_at: at, updated_at: at, version: 1 }
      const flags = { is_public: index % 5 === 0 ? 1 : 0, deleted_at: index % 10 === 3 ? at : null }
      await tx
        .insertInto('conversations')
        .values({ ...row, ...more, ...flags })
        .execute()
      const read = { last_read_seq: 0, last_read_number: 0, last_read_at: null }
      const members = people.map((user_id, place) => ({
        ...{ conversation_id: id, user_id, role: place === 0 ? 'owner' : 'member', joined_at: at },
        ...{ visible_from: place, ...read },
      }))
      await tx.insertInto('conversation_members').values(members).execute()
      const bans = people.map((user_id) => ({ conversation_id: id, user_id, banned_by: user_id, created_at: at }))
      await tx.insertInto('conversation_bans').values(bans).execute()
      const invites = people.map((created_by) => ({
        ...{ id: newId(), conversation_id: id, code_hash: newId(), created_by },
        ...{ max_uses: null, uses: 0, expires_at: null, created_at: at },
      }))
      await tx.insertInto('conversation_invites').values(invites).execute()
    }
  })
  const tables = 'conversations, conversation_members, conversation_bans, conversation_invites'
  const analyze = testEngine === 'mariadb' ? `analyze table ${tables}` : 'analyze'
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

const reads: Record<string, (db: Db) => Promise<unknown>> = {
  'members of a conversation': (db) => listMembers(db, conversationId, { after: people[5], limit: 20 }),
  'owners of a conversation': (db) => countOwners(db, conversationId),
  'who came later': (db) => listNewcomers(db, [conversationId], 58),
  'bans of a conversation': (db) => listBans(db, conversationId, { after: people[5], limit: 20 }),
  'invitations to a conversation': (db) => listInvites(db, conversationId, 50),
  'an invitation by its code': (db) => findInvite(db, newId()),
  'public channels': (db) => listPublicChannels(db, { limit: 20 }),
  'public channels, further on': (db) => listPublicChannels(db, { after: ['Channel 10', newId()], limit: 20 }),
  'public channels by a word': (db) => listPublicChannels(db, { search: 'nel 1', limit: 20 }),
  'conversations that ended': (db) => listEnded(db, '2026-11-22T08:00:00.000Z', 20),
}

it.each(Object.entries(reads))('%s: found by an index, without sorting', async (name, read) => {
  const queries: Compilable[] = []
  const db = test.handle.db.withPlugin({
    transformQuery: ({ node }) => {
      queries.push({ compile: () => test.handle.db.getExecutor().compileQuery(node, { queryId: name }) } as Compilable)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await read(db)
  expect(queries).toHaveLength(1)
  const { plan, offences } = await explain(test.handle, queries[0] as Compilable)
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})
