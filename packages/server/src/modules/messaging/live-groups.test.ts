import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/databases.ts'
import { beginGroup, say } from '../../../test/groups.ts'
import { connect, type LiveClient } from '../../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let database: TestDatabase
let app: TestApp
/** A second instance of the same installation, which hears of nothing: it looks for what is new. */
let other: TestApp
beforeAll(async () => {
  database = await createTestDatabase()
  app = await createTestApp({ PORT: '0' }, {}, database)
  await app.listen()
  other = await createTestApp({ PORT: '0' }, { serverLock: false }, { ...database, drop: async () => {} })
  await other.listen()
})
afterAll(async () => {
  await other.drop()
  await app.drop()
})

const people = (count: number) => Promise.all(Array.from({ length: count }, () => app.person()))
const seqsOf = (client: LiveClient, stream: string) =>
  client.heard.filter((event) => event.stream === stream).map(({ seq }) => seq)

it('M35: a removed member’s open sockets hear nothing more, here and on another instance', async () => {
  const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
  const id = await beginGroup(ann, [bob, cleo])
  const stream = `conversation:${id}`
  const bobs = [await connect(app, bob), await connect(other, bob)]
  const cleos = [await connect(app, cleo), await connect(other, cleo)]
  const all = [...bobs, ...cleos]
  await say(ann, id, 'for all')
  for (const client of all) await client.hears('message.created', (event) => event.stream === stream)
  expect((await ann.delete(`/conversations/${id}/members/${bob.userId}?ban=true`)).status).toBe(204)
  await say(ann, id, 'not for bob')
  for (const client of cleos) await client.hears('message.created', ({ data }) => data.text === 'not for bob')
  // Told in one process, in order: an answer comes after everything that was told before.
  for (const client of bobs) {
    await client.hears('conversation.removed', ({ data }) => data.conversation_id === id)
    await client.ask('ping')
    expect(seqsOf(client, stream)).toEqual([1, 2])
    expect(client.heard.filter((event) => event.stream === stream).at(-1)).toMatchObject({
      type: 'conversation.member',
      data: { action: 'banned', user: { id: bob.userId }, by: ann.userId, role: null, member_count: 2 },
    })
    const sent = { conversation_id: id, client_id: 'not-any-more', text: 'let me in' }
    expect(await client.ask('message.send', sent)).toMatchObject({ ok: false, error: { code: 'not_found' } })
    expect(await client.ask('typing.start', { conversation_id: id })).toMatchObject({ ok: false })
  }

  await ann.delete(`/conversations/${id}/bans/${bob.userId}`)
  await ann.post(`/conversations/${id}/members`, { user_id: bob.userId })
  await say(ann, id, 'for all again')
  for (const client of bobs) {
    await client.hears('message.created', ({ data }) => data.text === 'for all again')
    expect(seqsOf(client, stream)).toEqual([1, 2, 4, 5])
  }
  for (const client of all) client.close()
})

it('M35: who was added, removed and added before anything was told stays in, and hears nothing older', async () => {
  const [ann, bob] = (await people(2)) as [Visitor, Visitor]
  const id = await beginGroup(ann, [], { history_open: false })
  const stream = `conversation:${id}`
  for (let i = 0; i < 3; i++) await say(ann, id, 'before')
  const [a, b] = [await connect(app, ann), await connect(app, bob)]
  // As three units of work of another instance, seen at once.
  await app.database.unitOfWork(async (uow) => {
    const member = (action: string) => ({
      stream,
      type: 'conversation.member',
      refs: { conversation_id: id, user_id: bob.userId, action, by: ann.userId, role: '' },
    })
    const own = (type: string, more: object = {}) => ({
      stream: `user:${bob.userId}`,
      type,
      refs: { conversation_id: id, user_id: bob.userId, ...more },
    })
    await uow.append([
      ...[member('added'), member('removed'), member('added')],
      ...[own('conversation.created', { from: 3 }), own('conversation.removed')],
      own('conversation.created', { from: 5 }),
    ])
    const read = { last_read_seq: 3, last_read_number: 3, last_read_at: null }
    const row = { conversation_id: id, user_id: bob.userId, role: 'member', joined_at: '', visible_from: 5, ...read }
    await uow.tx
      .insertInto('conversation_members')
      .values({ ...row, joined_at: new Date().toISOString() })
      .execute()
  })
  await b.hears('conversation.created', ({ seq }) => seq === 3)
  await say(ann, id, 'after')
  await b.hears('message.created', ({ data }) => data.text === 'after')
  await a.hears('message.created', ({ data }) => data.text === 'after')
  expect(new Set(seqsOf(b, stream))).toEqual(new Set([6, 7]))
  a.close()
  b.close()
})

it('M35: others who come in later do not bring older events to who sees none', async () => {
  const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
  const id = await beginGroup(ann, [], { history_open: false })
  const stream = `conversation:${id}`
  await say(ann, id, 'one')
  await say(ann, id, 'two')
  const [b, c] = [await connect(app, bob), await connect(app, cleo)]
  await ann.post(`/conversations/${id}/members`, { user_id: bob.userId })
  await b.hears('conversation.member', ({ data }) => data.user.id === bob.userId)
  // Told late, as by an instance that was slow: it opens the stream from its start.
  const refs = { conversation_id: id, user_id: cleo.userId, from: 0 }
  await app.database.unitOfWork((uow) =>
    uow.append([{ stream: `user:${cleo.userId}`, type: 'conversation.created', refs }]),
  )
  await c.hears('message.created', ({ data }) => data.text === 'two')
  await b.ask('ping')
  expect(new Set(seqsOf(b, stream))).toEqual(new Set([3]))
  b.close()
  c.close()
})

it('ends for all who listen, with one event', async () => {
  const [ann, bob] = (await people(2)) as [Visitor, Visitor]
  const id = await beginGroup(ann, [bob])
  const [here, there] = [await connect(app, bob), await connect(other, bob)]
  await ann.delete(`/conversations/${id}?for=everyone`)
  for (const client of [here, there]) {
    const event = await client.hears('conversation.removed')
    expect(event).toMatchObject({ stream: `conversation:${id}`, seq: 1, data: { conversation_id: id } })
    expect(await client.ask('typing.start', { conversation_id: id })).toMatchObject({ ok: false })
    client.close()
  }
})

it('tells a change to all members, and one’s own view to oneself', async () => {
  const [ann, bob] = (await people(2)) as [Visitor, Visitor]
  const id = await beginGroup(ann, [bob])
  const [a, b] = [await connect(app, ann), await connect(app, bob)]
  await bob.patch(`/conversations/${id}`, { pinned: true })
  await ann.patch(`/conversations/${id}`, { title: 'Quay' })
  const shared = await a.hears('conversation.updated')
  expect(shared).toMatchObject({ stream: `conversation:${id}`, data: { title: 'Quay', version: 2 } })
  expect(Object.keys(shared.data)).not.toContain('pinned')
  const own = await b.hears('conversation.updated', ({ stream }) => stream === `user:${bob.userId}`)
  expect(own.data).toMatchObject({ id, pinned: true, my_role: 'member' })
  await b.hears('conversation.updated', ({ stream }) => stream === `conversation:${id}`)
  await a.ask('ping')
  expect(a.heard.map(({ stream }) => stream)).toEqual([`conversation:${id}`])
  a.close()
  b.close()
})
