import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { actorOf, createTestApp, type TestApp } from '../../../test/test-app.ts'
import { createStream } from '../../platform/events/streams.ts'
import { Cursors } from '../../platform/http/cursor.ts'
import { newId } from '../../platform/ids.ts'
import { deriveKeys } from '../../platform/keys.ts'
import { buildFiles } from '../files/index.ts'
import { insertConversation } from './conversations.repository.ts'
import { buildMessaging } from './messaging.service.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

it('tells a message to both sides with its place in the stream, by whichever door it came', async () => {
  const [ann, bob] = [await app.person('ann'), await app.person('bob')]
  const room = await app.conversation(ann, bob)
  const [a, b] = [await connect(app, ann), await connect(app, bob)]
  expect(b.ready).toMatchObject({ user: { username: 'bob' }, session_id: bob.sessionId, unread: { conversations: 0 } })

  const sent = await a.ask('message.send', { conversation_id: room, client_id: 'one', text: 'by socket' })
  expect(sent).toMatchObject({ ok: true, data: { seq: 1, text: 'by socket' } })
  await ann.post(`/conversations/${room}/messages`, { client_id: 'two', text: 'by http' })
  for (const client of [a, b]) {
    await client.hears('message.created', ({ seq }) => seq === 2)
    expect(
      client.heard.map(({ stream, seq, type, data }) => [stream, seq, type, (data as { text: string }).text]),
    ).toEqual([
      [`conversation:${room}`, 1, 'message.created', 'by socket'],
      [`conversation:${room}`, 2, 'message.created', 'by http'],
    ])
  }
  const again = await a.ask('message.send', { conversation_id: room, client_id: 'one', text: 'by socket' })
  expect(again.data).toMatchObject({ id: sent.data.id, deduplicated: true })
  a.close()
  b.close()
})

it('keeps the order of one connection, also of what is sent without waiting', async () => {
  const [ina, jon] = [await app.person('ina'), await app.person('jon')]
  const room = await app.conversation(ina, jon)
  const client = await connect(app, ina)
  const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`)
  await Promise.all(
    texts.map((text, index) =>
      client.ask('message.send', { conversation_id: room, client_id: `order-${index}`, text }),
    ),
  )
  const stored = (await jon.get(`/conversations/${room}/messages?after=0&limit=100`)).json.data
  expect(stored.map((message: { text: string }) => message.text)).toEqual(texts)
  client.close()
})

it('opens a new conversation to sockets that are already connected', async () => {
  const [carl, dana] = [await app.person('carl'), await app.person('dana')]
  const [c, d] = [await connect(app, carl), await connect(app, dana)]
  const sent = await c.ask('message.send', { to_username: 'dana', client_id: 'first', text: 'hello dana' })
  const room = sent.data.conversation_id
  const created = await d.hears('conversation.created')
  expect(created).toMatchObject({
    stream: `user:${dana.userId}`,
    seq: 1,
    data: { id: room, members_preview: [{ username: 'carl' }] },
  })
  expect(await d.hears('message.created')).toMatchObject({
    stream: `conversation:${room}`,
    seq: 1,
    data: { text: 'hello dana' },
  })
  c.close()
  d.close()
})

it('tells from its start a conversation of which others have heard already', async () => {
  const [lena, mika] = [await app.person('lena'), await app.person('mika')]
  const [l, m] = [await connect(app, lena), await connect(app, mika)]
  const { unitOfWork } = app.database
  const at = new Date().toISOString()
  const id = newId()
  const start = { direct_key: null, title: null, last_number: 0, last_message_at: null, updated_at: at, version: 1 }
  const unread = { visible_from: 0, last_read_seq: 0, last_read_number: 0, last_read_at: null }
  const opens = ({ userId }: { userId: string }) => ({
    stream: `user:${userId}`,
    type: 'conversation.created',
    refs: { conversation_id: id, user_id: userId },
  })
  await unitOfWork(async (uow) => {
    await insertConversation(
      uow.tx,
      { ...start, id, kind: 'direct', created_by: lena.userId, created_at: at },
      [lena, mika].map(({ userId }) => ({
        ...unread,
        conversation_id: id,
        user_id: userId,
        role: 'member',
        joined_at: at,
      })),
    )
    await createStream(uow.tx, `conversation:${id}`)
    await uow.append([opens(lena)])
  })
  await l.hears('conversation.created')
  await l.ask('message.send', { conversation_id: id, client_id: 'early', text: 'early' })
  await l.hears('message.created')
  await unitOfWork((uow) => uow.append([opens(mika)]))
  expect(await m.hears('message.created')).toMatchObject({ seq: 1, data: { text: 'early' } })
  l.close()
  m.close()
})

it('gives exactly what was missed, and nothing of others', async () => {
  const [emma, finn, spy] = [await app.person('emma'), await app.person('finn'), await app.person('spy')]
  const room = await app.conversation(emma, finn)
  for (let i = 1; i <= 5; i++) await emma.post(`/conversations/${room}/messages`, { client_id: `e${i}`, text: `t${i}` })
  const stream = `conversation:${room}`
  const first = (await finn.post('/sync', { streams: {} })).json
  expect(first).toMatchObject({ events: [], removed: [], reset: [], more: false, heads: { [stream]: 5 } })
  expect(first.added.sort()).toEqual([stream, `user:${finn.userId}`].sort())

  const f = await connect(app, finn)
  const positions = { [stream]: 2, [`user:${finn.userId}`]: 1 }
  const answer = (await f.ask('sync', { epoch: first.epoch, streams: positions, limit: 2 })).data
  expect(answer.events.map((event: { seq: number }) => event.seq)).toEqual([3, 4])
  expect(answer).toMatchObject({ more: true, heads: { [stream]: 5 }, added: [] })
  f.close()

  const foreign = (await spy.post('/sync', { streams: { [stream]: 0 }, only: false })).json
  expect(foreign).toMatchObject({ events: [], removed: [stream], added: [`user:${spy.userId}`] })
  const unknown = (await spy.post('/sync', { streams: { 'conversation:0192f6d0-0000-7000-8000-000000000000': 0 } }))
    .json
  expect(unknown.removed).toEqual(['conversation:0192f6d0-0000-7000-8000-000000000000'])
})

it('answers reset for positions that cannot be continued', async () => {
  const [gina, hugo] = [await app.person('gina'), await app.person('hugo')]
  const room = await app.conversation(gina, hugo)
  for (let i = 1; i <= 5; i++) await gina.post(`/conversations/${room}/messages`, { client_id: `g${i}`, text: `t${i}` })
  const stream = `conversation:${room}`
  await app.database.unitOfWork(async ({ tx }) => {
    await tx.updateTable('streams').set({ tail: 4 }).where('id', '=', stream).execute()
  })
  const resetFor = async (position: number, more: object = {}) =>
    (await hugo.post('/sync', { streams: { [stream]: position }, only: true, ...more })).json.reset
  expect(await resetFor(2)).toEqual([stream])
  expect(await resetFor(3)).toEqual([])
  expect(await resetFor(5)).toEqual([])
  expect(await resetFor(6)).toEqual([stream])
  expect(await resetFor(5, { epoch: 'another' })).toEqual([stream])
  expect((await hugo.post('/sync', { streams: { constructor: 1 } })).status).toBe(422)
})

it('tells what another process committed, without news of it', async () => {
  const [ivan, jana] = [await app.person('ivan'), await app.person('jana')]
  const room = await app.conversation(ivan, jana)
  const j = await connect(app, jana)
  const { openDatabase } = await import('../../platform/db/database.ts')
  const { silent } = await import('../../../test/databases.ts')
  const other = await openDatabase(app.config.database, { log: silent })
  const { services, bus } = app
  const cursors = new Cursors(Buffer.alloc(32))
  const now = () => new Date()
  const { files } = buildFiles({
    ...{ config: app.config, database: other, cursors, now, log: silent },
    keys: deriveKeys(app.config.secrets.key, app.config.secrets.oldKeys),
  })
  const messaging = buildMessaging({
    ...{ database: other, people: services.people, limiter: services.limiter, bus, audit: services.audit },
    listBlocks: async () => [],
    relations: services.relations,
    listReceiptSenders: async () => new Set(),
    notify: async () => [],
    ...{ files, cursors, now },
    publicUrl: app.config.publicUrl,
    editMinutes: () => 0,
  })
  await messaging.messages.send(actorOf(ivan), room, { client_id: 'elsewhere', text: 'from another process' })
  expect(await j.hears('message.created')).toMatchObject({ seq: 1, data: { text: 'from another process' } })
  j.close()
  await other.close()
})

it('answers every command, right or wrong, and goes on', async () => {
  const kim = await app.person('kim')
  const k = await connect(app, kim)
  expect(await k.ask('no.such.command')).toMatchObject({ ok: false, error: { code: 'not_found', status: 404 } })
  expect(await k.ask('constructor')).toMatchObject({ ok: false, error: { code: 'not_found' } })
  expect(await k.ask('message.send', { client_id: 'x', text: 'no target' })).toMatchObject({
    ok: false,
    error: { code: 'validation_failed' },
  })
  expect(await k.ask('message.send', { text: 5 })).toMatchObject({ ok: false, error: { status: 422 } })
  expect(
    await k.ask('message.read', { conversation_id: '0192f6d0-0000-7000-8000-000000000000', seq: 1 }),
  ).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  })
  expect(await k.ask('ping')).toMatchObject({ ok: true, data: { server_time: expect.any(String) } })
  k.close()
})
