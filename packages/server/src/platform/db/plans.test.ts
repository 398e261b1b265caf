import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import { createStream, eventsAfterPositions, type NewEvent } from '../events/streams.ts'
import { newId } from '../ids.ts'
import type { Db } from './schema.ts'

let test: TestHandle
const people = Array.from({ length: 40 }, () => newId())
const conversations = Array.from({ length: 40 }, () => newId())
const [userId, conversationId] = [people[7], conversations[7]] as [string, string]
const time = '2026-11-21T08:00:00.000Z'

/** Enough rows that reading all of them is the worse plan, and statistics that say so. */
beforeAll(async () => {
  test = await openTestDatabase()
  await test.handle.unitOfWork((uow) => insertPeople(uow.tx))
  await test.handle.unitOfWork(async (uow) => {
    await insertConversations(uow.tx)
    for (const id of conversations) await createStream(uow.tx, `conversation:${id}`)
    const events = conversations.flatMap((id): NewEvent[] =>
      Array.from({ length: 60 }, () => ({ stream: `conversation:${id}`, type: 'message.created', refs: { id } })),
    )
    for (const { stream, seq } of await uow.append(events)) await insertMessage(uow.tx, stream.slice(13), seq)
  })
  const analyze =
    testEngine === 'mariadb'
      ? 'analyze table events, streams, sessions, messages, conversation_members, users, user_roles, api_keys'
      : 'analyze'
  await test.handle.migrationSession((session) => sql.raw(analyze).execute(session))
})
afterAll(() => test.drop())

async function insertPeople(tx: Db) {
  const nothing = {
    display_name: null,
    display_name_key: null,
    first_name: null,
    last_name: null,
    bio: null,
    locale: null,
  }
  const rest = {
    time_zone: null,
    date_of_birth: null,
    country: null,
    last_login_at: null,
    created_at: time,
    updated_at: time,
  }
  for (const id of people) {
    const names = { username: id, username_key: id, email: id, email_key: id, email_verified: 0 }
    const user = {
      id,
      ...names,
      password_hash: null,
      status: 'active',
      ...nothing,
      ...rest,
      version: 1,
      kind: 'person',
      erase_at: null,
      mfa_enabled: 0,
      searchable: 1,
    }
    await tx.insertInto('users').values(user).execute()
    const sessions = Array.from({ length: 20 }, (_, index) => ({
      ...{
        id: newId(),
        user_id: id,
        refresh_counter: 0,
        rotated_at: time,
        remember: 0,
        delivery: 'cookie',
        method: 'password',
      },
      ...{ aal: 1, auth_time: 0, device_name: null, user_agent: '', ip: '', created_at: time, last_seen_at: time },
      ...{ expires_at: new Date(Date.UTC(2027, index)).toISOString(), absolute_expires_at: time },
      ...{
        revoked_at: null,
        revoked_reason: null,
        device_id: null,
        impersonator_id: null,
        impersonator_session_id: null,
      },
    }))
    await tx.insertInto('sessions').values(sessions).execute()
    const roles = ['user', ...(id === userId ? ['admin'] : [])].map((role) => ({ user_id: id, role }))
    await tx.insertInto('user_roles').values(roles).execute()
    const keys = Array.from({ length: 20 }, () => ({
      ...{ id: newId(), user_id: id, name: '', prefix: '', key_hash: newId(), scopes: '[]', allowed_ips: '[]' },
      ...{ rate_limit: null, expires_at: null, last_used_at: null, last_used_ip: null, created_by: id },
      ...{ created_at: time, updated_at: time, version: 1 },
    }))
    await tx.insertInto('api_keys').values(keys).execute()
  }
}

async function insertConversations(tx: Db) {
  for (const id of conversations) {
    const rest = {
      kind: 'group',
      title: null,
      direct_key: null,
      created_by: userId,
      last_number: 0,
      last_message_at: null,
    }
    await tx
      .insertInto('conversations')
      .values({ id, ...rest, created_at: time, updated_at: time, version: 1 })
      .execute()
    const members = people.map((user_id) => ({
      ...{ conversation_id: id, user_id, role: 'member', joined_at: time, visible_from: 0 },
      ...{ last_read_seq: 0, last_read_number: 0, last_read_at: null },
    }))
    await tx.insertInto('conversation_members').values(members).execute()
  }
}

async function insertMessage(tx: Db, conversation_id: string, seq: number) {
  const rest = { sender_id: userId, client_id: newId(), text: '', edited_at: null, deleted_at: null, created_at: time }
  await tx
    .insertInto('messages')
    .values({ id: newId(), conversation_id, seq, number: seq, ...rest, version: 1 })
    .execute()
}

const hotReads = {
  'events of a stream': (db: Db) =>
    db
      .selectFrom('events')
      .selectAll()
      .where('stream_id', '=', `conversation:${conversationId}`)
      .where('seq', '>', 50)
      .orderBy('seq')
      .limit(10),
  'events of many streams': (db: Db) =>
    db
      .selectFrom(
        test.handle.dialect.positions(JSON.stringify([[`conversation:${conversationId}`, 50]])).as('positions'),
      )
      .innerJoin('events', 'events.stream_id', 'positions.stream_id')
      .selectAll('events')
      .whereRef('events.seq', '>', 'positions.position'),
  'streams changed lately': (db: Db) =>
    db
      .selectFrom('streams')
      .select(['id', 'head'])
      .where((row) => row('changed_at', '>', row(test.handle.dialect.nowMs, '+', 1000))),
  'a session': (db: Db) => db.selectFrom('sessions').selectAll().where('id', '=', newId()),
  'an API key with its owner and roles': (db: Db) =>
    db
      .selectFrom('api_keys')
      .innerJoin('users', 'users.id', 'api_keys.user_id')
      .leftJoin('user_roles', 'user_roles.user_id', 'api_keys.user_id')
      .selectAll('api_keys')
      .select(['users.status', 'user_roles.role'])
      .where('api_keys.key_hash', '=', newId()),
  'API keys of a user': (db: Db) => db.selectFrom('api_keys').selectAll().where('user_id', '=', userId),
  'who has a role': (db: Db) =>
    db.selectFrom('user_roles').select('user_id').where('role', '=', 'admin').orderBy('user_id'),
  'sessions of a user': (db: Db) => db.selectFrom('sessions').selectAll().where('user_id', '=', userId),
  'sessions that ended': (db: Db) =>
    db.selectFrom('sessions').select('id').where('expires_at', '<', '2027-01-01T00:00:00.000Z'),
  'conversations of a user': (db: Db) =>
    db.selectFrom('conversation_members').selectAll().where('user_id', '=', userId),
  'streams of a user': (db: Db) =>
    db
      .selectFrom('conversation_members')
      .innerJoin('streams', (join) =>
        join.on('streams.id', '=', sql`concat('conversation:', conversation_members.conversation_id)`),
      )
      .select(['streams.id', 'streams.head'])
      .where('conversation_members.user_id', '=', userId)
      .where('conversation_members.conversation_id', '=', conversationId),
  'the newest messages': (db: Db) =>
    db
      .selectFrom('messages')
      .selectAll()
      .where('conversation_id', '=', conversationId)
      .orderBy('number', 'desc')
      .limit(20),
  'a message by its client id': (db: Db) =>
    db.selectFrom('messages').selectAll().where('sender_id', '=', userId).where('client_id', '=', newId()),
}

it.each(Object.entries(hotReads))('%s: found by an index, without sorting', async (name, query) => {
  const { plan, offences } = await explain(test.handle, query(test.handle.db))
  expect(offences, `${name}\n${JSON.stringify(plan, null, 2)}`).toEqual([])
})

it('what somebody missed is found by their positions, also where one stream has nearly all events', async () => {
  const own = await openTestDatabase()
  try {
    const stream = `conversation:${conversationId}`
    await own.handle.unitOfWork(async (uow) => {
      await createStream(uow.tx, stream)
      await uow.append(Array.from({ length: 3_000 }, () => ({ stream, type: 'message.created', refs: {} })))
    })
    const analyze = testEngine === 'mariadb' ? 'analyze table events' : 'analyze'
    await own.handle.migrationSession((session) => sql.raw(analyze).execute(session))
    const values = { json: JSON.stringify([[stream, 2_900]]), limit: 201 }
    const { plan } = await explain(own.handle, {
      compile: () => eventsAfterPositions.written(own.handle.db, values, own.handle.dialect),
    })
    expect(JSON.stringify(plan)).not.toMatch(/SCAN events|Seq Scan on events|"events","type":"(ALL|index)"/)
  } finally {
    await own.drop()
  }
})

it('a search reads the full-text index, and in SQLite only as far as the page', async () => {
  const term = (text: string) => [{ term: text, isPrefix: false }]
  const found = test.handle.dialect.search.matches({
    table: 'message_search',
    key: 'message_id',
    terms: 'terms',
    groups: [term('qcabc'), term('qwharbour')],
    before: testEngine === 'sqlite' ? 1_000_000 : newId(),
  })
  const query = test.handle.db
    .selectFrom(found.as('found'))
    .innerJoin('messages', 'messages.id', 'found.key')
    .selectAll('messages')
    .orderBy('found.place', 'desc')
    .limit(20)
  const { plan, offences } = await explain(test.handle, query)
  const text = JSON.stringify(plan)
  expect(text).toMatch(/message_search_index VIRTUAL TABLE|message_search_terms_index/)
  if (testEngine === 'sqlite') expect(offences, text).toEqual([])
})
