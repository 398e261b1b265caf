import { type Compilable, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { readableAttachmentsQuery, readablePicturesQuery } from './attachments.repository.ts'
import { listPublicChannels } from './channels.repository.ts'
import { listPreviewMembers } from './conversations.repository.ts'
import { listEnded } from './departures.repository.ts'
import { findInvite, listInvites } from './invites.repository.ts'
import { countOwners, listBans, listMembers, listNewcomers } from './members.repository.ts'
import { findMessageAt, listMessages } from './messages.repository.ts'
import { askMembersForUpdate } from './plain-sends.repository.ts'
import { searchMessages } from './search.repository.ts'
import { listSearchable } from './search-beginnings.repository.ts'

let test: TestHandle
const conversations = Array.from({ length: 30 }, () => newId())
const people = Array.from({ length: 60 }, () => newId())
const conversationId = conversations[7] as string
const messages = 2_000
const files = Array.from({ length: messages }, () => newId())
const answeredId = newId()
const at = '2026-11-21T08:00:00.000Z'

/** Enough rows that reading all of them is the worse plan, and statistics that say so. */
beforeAll(async () => {
  test = await openTestDatabase()
  await test.handle.unitOfWork(async ({ tx }) => {
    for (const [index, id] of conversations.entries()) {
      const row = { id, kind: 'channel', title: `Channel ${index}`, direct_key: null, created_by: newId() }
      const more = { last_number: 0, last_message_at: null, created_at: at, updated_at: at, version: 1 }
      const flags = {
        picture_file_id: files[index] ?? null,
        is_public: index % 5 === 0 ? 1 : 0,
        deleted_at: index % 10 === 3 ? at : null,
      }
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
    for (let first = 1; first <= messages; first += 250) await insertMessages(tx, first)
  })
  const tables = `conversations, conversation_members, conversation_bans, conversation_invites, messages, message_search, message_attachments`
  const analyze = testEngine === 'mariadb' ? `analyze table ${tables}` : 'analyze'
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

async function insertMessages(tx: Db, first: number) {
  const seqs = Array.from({ length: 250 }, (_, index) => first + index)
  const ids = new Map(seqs.map((seq) => [seq, newId()]))
  const idOf = (seq: number) => ids.get(seq) as string
  const rest = {
    sender_id: people[0] as string,
    text: '',
    edited_at: null,
    deleted_at: null,
    created_at: at,
    version: 1,
  }
  const rows = seqs.map((seq) => ({ id: idOf(seq), conversation_id: conversationId, seq, number: seq, ...rest }))
  await tx
    .insertInto('messages')
    .values(
      rows.map((row) => ({ ...row, client_id: `m${row.seq}`, thread_id: row.seq % 40 === 0 ? answeredId : null })),
    )
    .execute()
  const terms = seqs.map((seq) => ({ message_id: idOf(seq), terms: `qcabc qwharbour qwrare${seq}` }))
  await tx.insertInto('message_search').values(terms).execute()
  const attached = seqs.map((seq) => ({ file_id: files[seq - 1] ?? '', message_id: idOf(seq) }))
  await tx.insertInto('message_attachments').values(attached).execute()
}

/** A range that is most of the conversation: where MariaDB would rather read all of it. */
const [reader, middle] = [{ userId: people[0] as string, visibleFrom: 0, blockedIds: [] }, messages - 500]
const term = (text: string) => [{ term: text, isPrefix: false }]

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
  'messages, further back': (db) =>
    listMessages(db, test.handle.dialect, conversationId, reader, { until: middle, limit: 20, newestFirst: true }),
  'messages, further on': (db) =>
    listMessages(db, test.handle.dialect, conversationId, reader, { after: 500, limit: 20, newestFirst: false }),
  'answers to a message, further back': (db) =>
    listMessages(db, test.handle.dialect, conversationId, reader, {
      ...{ until: middle, limit: 20, newestFirst: true, thread: answeredId },
    }),
  'the message at a place': (db) => findMessageAt(db, test.handle.dialect, conversationId, middle),
  'messages that can be found, further on': (db) => listSearchable(db, newId(), 50),
  'files of messages that somebody may read': (db) =>
    readableAttachmentsQuery(db, reader.userId, files.slice(50, 60)).execute(),
  'pictures of conversations that somebody may see': (db) =>
    readablePicturesQuery(db, reader.userId, files.slice(5, 10)).execute(),
  'conversations that ended': (db) => listEnded(db, '2026-11-22T08:00:00.000Z', 20),
}

/** What the engine would do for what a function reads. */
async function planOf(read: (db: Db) => Promise<unknown>) {
  const queries: Compilable[] = []
  let executed = 0
  const db = test.handle.db.withPlugin({
    transformQuery: ({ node }) => {
      queries.push({ compile: () => test.handle.db.getExecutor().compileQuery(node, { queryId: 'x' }) } as Compilable)
      return node
    },
    transformResult: async ({ result }) => {
      executed++
      return result
    },
  })
  await read(db)
  expect(executed).toBe(1)
  // Those it is made of are seen before it.
  return explain(test.handle, queries.at(-1) as Compilable)
}

it.each(Object.entries(reads))('%s: found by an index, without sorting', async (name, read) => {
  const { plan, offences } = await planOf(read)
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})

it.each(['messages, further back', 'messages, further on', 'the message at a place'])(
  '%s: begins at its place, however long the conversation is',
  async (name) => {
    const { plan } = await planOf(reads[name] as (db: Db) => Promise<unknown>)
    const isRange: Record<typeof testEngine, RegExp> = {
      sqlite: /messages_conversation_id_seq \(conversation_id=\? AND seq[<>]/,
      postgres: /Index Cond: \(\(conversation_id = [^)]*\) AND \(seq/,
      mariadb: /"type":"range"[^}]*"key":"messages_conversation_id_seq","key_len":"154"/,
    }
    // SQLite names no index that a unique constraint made.
    const text = JSON.stringify(plan).replace(/sqlite_autoindex_messages_3/g, 'messages_conversation_id_seq')
    expect(text).toMatch(isRange[testEngine])
  },
)

it('answers to a message are found by the index that holds answers alone', async () => {
  const { plan } = await planOf(reads['answers to a message, further back'] as (db: Db) => Promise<unknown>)
  expect(JSON.stringify(plan)).toContain('messages_thread_id_seq_index')
})

it.runIf(testEngine === 'sqlite')('who writes among many is looked up one by one, without sorting', async () => {
  const senders = people.slice(0, 24).map((senderId) => ({ conversationId, senderId }))
  const [query] = askMembersForUpdate(test.handle.db, test.handle.dialect, senders).queries
  const { plan, offences } = await explain(test.handle, { compile: () => query } as Compilable)
  expect(offences, JSON.stringify(plan, null, 2)).toEqual([])
})

it.runIf(testEngine === 'sqlite')('the index of words is written in small pieces', async () => {
  const size = sql<{ v: number }>`select v from message_search_index_config where k = 'pgsz'`
  expect((await size.execute(test.handle.db)).rows).toEqual([{ v: 1000 }])
})

it('of many conversations the first members are read, and no others', async () => {
  const { plan } = await planOf((db) => listPreviewMembers(db, conversations.slice(0, 20), 6))
  const text = JSON.stringify(plan)
  const uses = text.match(/conversation_members_conversation_id_joined_at_index/g) ?? []
  expect(uses.length, text).toBeGreaterThanOrEqual(20)
  expect(text).not.toMatch(/USE TEMP B-TREE|filesort|"Node Type":"Sort"|conversation_members_pkey/)
})

it('a rare word is asked of the index of words first, not of each message of the reader', async () => {
  const groups = [term('qcabc'), term('qwrare700')]
  const { plan } = await planOf((db) =>
    searchMessages(db, test.handle.dialect, {
      ...{ groups, reader, before: undefined, from: undefined, until: undefined, limit: 20 },
    }),
  )
  const text = JSON.stringify(plan)
  const words = text.search(/message_search_index VIRTUAL|message_search_terms_index/)
  const rows = text.search(/messages_pkey on|"table":"messages"|SEARCH messages/)
  expect(words, text).toBeGreaterThan(-1)
  expect(rows, text).toBeGreaterThan(words)
})
