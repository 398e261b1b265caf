import { type Expression, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../../test/databases.ts'
import { newId } from '../../ids.ts'
import type { Db } from '../schema.ts'

let test: TestHandle

beforeAll(async () => {
  test = await openTestDatabase({ poolSize: 3 })
})
afterAll(() => test.drop())

const time = '2026-11-21T08:00:00.120Z'
const write = <T>(work: (tx: Db) => Promise<T>) => test.handle.unitOfWork(({ tx }) => work(tx))
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)

function newMessage(differences: object = {}) {
  const ids = { id: newId(), conversation_id: newId(), sender_id: newId(), client_id: newId() }
  const texts = { text: '', edited_at: null, deleted_at: null, created_at: time }
  return { ...ids, ...texts, seq: 1, number: 1, version: 1, ...differences }
}

async function newConversation(): Promise<string> {
  const id = newId()
  const row = {
    id,
    kind: 'group',
    title: null,
    direct_key: null,
    created_by: newId(),
    last_number: 0,
    last_message_at: null,
  }
  await write((tx) =>
    tx
      .insertInto('conversations')
      .values({ ...row, created_at: time, updated_at: time, version: 1 })
      .execute(),
  )
  return id
}

async function answer<T>(db: Db, expression: Expression<T>): Promise<T> {
  const { rows } = await sql<{ answer: T }>`select ${expression} as answer`.execute(db)
  return rows[0]?.answer as T
}

describe('every connection', () => {
  const expected = {
    sqlite: {
      journal_mode: 'wal',
      synchronous: 2,
      foreign_keys: 1,
      timeout: 5000,
    },
    postgres: {
      TimeZone: 'UTC',
      application_name: 'atrium',
      statement_timeout: '10s',
      idle_in_transaction_session_timeout: '10s',
      synchronous_commit: 'on',
    },
    mariadb: {
      time_zone: '+00:00',
      max_statement_time: 10,
      collation_connection: 'utf8mb4_nopad_bin',
      character_set_client: 'utf8mb4',
      character_set_results: 'utf8mb4',
      tx_isolation: 'READ-COMMITTED',
      idle_transaction_timeout: 10,
      sql_mode:
        'PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    },
  }[testEngine]
  const ask = { sqlite: 'pragma ', postgres: 'show ', mariadb: 'select @@session.' }[testEngine]

  async function settings(db: Db) {
    const found: Record<string, unknown> = {}
    for (const name of Object.keys(expected)) {
      const pragma = name === 'timeout' ? 'busy_timeout' : name
      const { rows } = await sql<Record<string, unknown>>`${sql.raw(`${ask}${pragma}`)}`.execute(db)
      found[name] = Object.values(rows[0] ?? {})[0]
    }
    return found
  }

  it('has the settings our promises rest on, the reader and the writer', async () => {
    expect(await settings(test.handle.db)).toEqual(expected)
    expect(await write(settings)).toEqual(expected)
  })

  it.runIf(testEngine === 'postgres')('is READ COMMITTED in a transaction', async () => {
    const { rows } = await write((tx) => sql`show transaction_isolation`.execute(tx))
    expect(rows).toEqual([{ transaction_isolation: 'read committed' }])
  })
})

describe('values', () => {
  it('come back as they were written', async () => {
    const conversation_id = await newConversation()
    const big = Number.MAX_SAFE_INTEGER - 1
    const message = newMessage({
      conversation_id,
      seq: big,
      text: `İ 😀 ' or '1'='1\\' -- "x" ? $1 :a ${'é'.repeat(4000)} `,
    })
    await write((tx) => tx.insertInto('messages').values(message).execute())
    const row = await test.handle.db.selectFrom('messages').selectAll().where('id', '=', message.id).executeTakeFirst()
    expect(row).toMatchObject(message)
  })

  it.each([
    '2026-11-21T08:00:00.000Z',
    '2026-11-21T08:00:00.001Z',
    '1999-12-31T23:59:59.990Z',
    '2026-07-01T00:30:00.100Z',
  ])('time %s stays the same text and compares as time', async (created_at) => {
    const conversation_id = await newConversation()
    const message = newMessage({ conversation_id, created_at })
    await write((tx) => tx.insertInto('messages').values(message).execute())
    const query = test.handle.db.selectFrom('messages').select('created_at').where('id', '=', message.id)
    expect(await query.where('created_at', '>=', created_at).executeTakeFirst()).toEqual({ created_at })
    expect(await query.where('created_at', '>', created_at).executeTakeFirst()).toBeUndefined()
  })

  it('are numbers when they are counted or added up', async () => {
    const conversation_id = await newConversation()
    await write((tx) =>
      tx
        .insertInto('messages')
        .values([1, 2].map((number) => newMessage({ conversation_id, number, seq: number * 2 ** 40 })))
        .execute(),
    )
    const row = await test.handle.db
      .selectFrom('messages')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('seq').as('sum'), fn.max('seq').as('max')])
      .where('conversation_id', '=', conversation_id)
      .executeTakeFirst()
    expect(row).toEqual({ count: 2, sum: 3 * 2 ** 40, max: 2 ** 41 })
  })

  it('of other kinds are refused instead of guessed', async () => {
    for (const value of [new Date(), { id: 'x' }, ['x'], undefined]) {
      await expect(answer(test.handle.db, sql`${value}`)).rejects.toThrow('Only text, numbers and null')
    }
    expect(Number(await answer(test.handle.db, sql`${true}`))).toBe(1)
  })

  it('the clock of the database is ours, in milliseconds', async () => {
    const now = await answer(test.handle.db, test.handle.dialect.nowMs)
    expect(Number.isSafeInteger(now)).toBe(true)
    expect(Math.abs(now - Date.now())).toBeLessThan(2000)
  })

  it('positions compare with stream ids by every byte', async () => {
    const json = JSON.stringify([
      ['user:a', 41],
      ['user:Ä ', 2 ** 40],
    ])
    const query = test.handle.db.selectFrom(test.handle.dialect.positions(json).as('p')).selectAll()
    expect(await query.orderBy('position').execute()).toEqual([
      { stream_id: 'user:a', position: 41 },
      { stream_id: 'user:Ä ', position: 2 ** 40 },
    ])
    expect(await query.where('stream_id', '=', 'user:Ä').execute()).toEqual([])
  })
})

describe('unique keys', () => {
  it('are violated by name', async () => {
    const { isUniqueViolation, isRetryable, isUnavailable, isDiskFull } = test.handle.dialect
    const conversation_id = await newConversation()
    const first = newMessage({ conversation_id })
    await write((tx) => tx.insertInto('messages').values(first).execute())
    const insert = (message: object) =>
      failure(write((tx) => tx.insertInto('messages').values(newMessage(message)).execute()))

    const sender = { sender_id: first.sender_id, client_id: first.client_id }
    const byClientId = await insert({ conversation_id, ...sender, seq: 2, number: 2 })
    const byNumber = await insert({ conversation_id, seq: 2, number: 1 })
    const byId = await insert({ conversation_id, id: first.id, seq: 2, number: 2 })
    const byReference = await insert({ conversation_id: newId() })

    expect(isUniqueViolation(byClientId)).toBe(true)
    expect(isUniqueViolation(byClientId, 'messages_sender_id_client_id')).toBe(true)
    expect(isUniqueViolation(byClientId, 'messages_conversation_id_number')).toBe(false)
    expect(isUniqueViolation(byNumber, 'messages_conversation_id_number')).toBe(true)
    expect(isUniqueViolation(byId, 'messages_pkey')).toBe(true)
    expect(isUniqueViolation(byReference)).toBe(false)
    expect(byReference).toBeInstanceOf(Error)
    for (const error of [byClientId, byNumber, byId, byReference]) {
      expect([isRetryable(error), isUnavailable(error), isDiskFull(error)]).toEqual([false, false, false])
    }
  })

  it('differ in case, accents and spaces at the end', async () => {
    const keys = ['key', 'KEY', 'kéy', 'key ', 'key\t']
    const conversation_id = await newConversation()
    const sender_id = newId()
    const messages = keys.map((client_id, index) =>
      newMessage({ conversation_id, sender_id, client_id, seq: index + 1, number: index + 1 }),
    )
    await write((tx) => tx.insertInto('messages').values(messages).execute())
    const query = test.handle.db.selectFrom('messages').select('client_id').where('sender_id', '=', sender_id)
    expect(await query.where('client_id', '=', 'key').execute()).toEqual([{ client_id: 'key' }])
    const sorted = await query.orderBy('client_id').execute()
    expect(sorted.map((row) => row.client_id)).toEqual([...keys].sort())
  })
})

describe('changes', () => {
  it('report rows that matched, changed or not', async () => {
    const conversation_id = await newConversation()
    await write(async (tx) => {
      const messages = [1, 2, 3].map((number) => newMessage({ conversation_id, number, seq: number }))
      const inserted = await tx.insertInto('messages').values(messages).executeTakeFirst()
      expect(inserted.numInsertedOrUpdatedRows).toBe(3n)
      const update = () =>
        tx.updateTable('messages').set({ text: 'same' }).where('conversation_id', '=', conversation_id)
      expect((await update().executeTakeFirst()).numUpdatedRows).toBe(3n)
      expect((await update().executeTakeFirst()).numUpdatedRows).toBe(3n)
      expect((await update().where('number', '=', 9).executeTakeFirst()).numUpdatedRows).toBe(0n)
      const deletion = tx.deleteFrom('messages').where('conversation_id', '=', conversation_id).where('number', '>', 1)
      expect((await deletion.executeTakeFirst()).numDeletedRows).toBe(2n)
    })
  })

  it('can take locks on every engine', async () => {
    const { lock } = test.handle.dialect
    const id = await newConversation()
    await write(async (tx) => {
      const query = tx.selectFrom('conversations').select('id').where('id', '=', id)
      expect(await lock.forShare(query).execute()).toEqual([{ id }])
      expect(await lock.forUpdate(query).execute()).toEqual([{ id }])
    })
  })
})

it('goes on working when a newer version adds a column to a table whose statements are prepared', async () => {
  const read = (db: Db) => db.selectFrom('user_roles').selectAll().where('role', '=', 'x').execute()
  for (let round = 0; round < 5; round++) await Promise.all([read(test.handle.db), read(test.handle.db), write(read)])
  await test.handle.migrationSession((session) =>
    session.schema.alterTable('user_roles').addColumn('note', test.handle.dialect.types.text).execute(),
  )
  for (let round = 0; round < 5; round++) {
    expect(await Promise.all([read(test.handle.db), read(test.handle.db), write(read)])).toEqual([[], [], []])
  }
})

it('closes twice without complaint', async () => {
  const other = await openTestDatabase()
  await other.handle.ping()
  await other.handle.close()
  await other.drop()
})

it('SQLite does not plan a statement anew for the number its list ends at', async () => {
  const { sql: text } = test.handle.db.selectFrom('users').select('id').limit(3).compile()
  expect(/limit \+\?$/.test(text)).toBe(testEngine === 'sqlite')
  const rows = await test.handle.db.selectFrom('users').select('id').limit(0).execute()
  expect(rows).toEqual([])
})
