import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect, type LiveClient } from '../../../../test/live-client.ts'
import { fillNotes, notesApp, rules } from '../../../../test/notes-tables.ts'
import { expose } from '../../../../test/sample-tables.ts'
import { purgeEvents } from '../../../platform/events/purge.ts'
import { rowStream } from './live.schema.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
type Any = any

let setting: Awaited<ReturnType<typeof notesApp>>
const open: LiveClient[] = []
const live = { ...rules, realtime: true }
beforeAll(async () => {
  setting = await notesApp({ PORT: '0' })
  await setting.app.listen()
})
afterAll(() => setting.app.drop())
beforeEach(async () => {
  await fillNotes(setting)
  await expose(setting.root, 'notes', live)
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})

async function listener(who: 'root' | 'ann' | 'ben', input: object = {}) {
  const client = await connect(setting.app, setting[who])
  open.push(client)
  const answer = await client.ask('data.subscribe', { table: 'notes', ...input })
  expect(answer).toMatchObject({ ok: true })
  return { client, ...(answer.data as { subscription_id: string; cursor: string; reset: boolean }) }
}

const newsOf = ({ all }: LiveClient): Any[] =>
  all.filter(({ name }) => name === 'data.changed').map(({ payload }) => payload)

const short = ({ action, key, changed }: Any) => `${action} ${key} ${changed.join()}`.trim()

describe('W01, AZ4: each receiver hears what they may see', () => {
  it('AZ4: rows come and go with the rules, and hidden columns say nothing', async () => {
    const { root } = setting
    const ann = await listener('ann')
    const all = await listener('root')
    await root.patch('/data/notes/3', { body: 'still of ben' })
    await root.patch('/data/notes/1', { secret: 'changed' })
    await root.patch('/data/notes/1', { body: 'aa', score: 11 })
    // What is told is the row as it is then: once it is hidden, nobody learns what it was in between.
    await ann.client.hears('data.changed', ({ key, action }) => key === '1' && action === 'update')
    await root.patch('/data/notes/1', { published: false })
    await ann.client.hears('data.changed', ({ key, action }) => key === '1' && action === 'delete')
    await root.patch('/data/notes/3', { published: true })
    await ann.client.hears('data.changed', ({ key, action }) => key === '3' && action === 'insert')
    await root.delete('/data/vault/2')
    expect((await root.delete('/data/notes/2')).status).toBe(204)
    await all.client.hears('data.changed', ({ key, action }) => key === '2' && action === 'delete')
    await ann.client.hears('data.changed', ({ key, action }) => key === '2' && action === 'delete')
    expect(newsOf(ann.client).map(short)).toEqual(['update 1 body', 'delete 1', 'insert 3', 'delete 2'])
    expect(newsOf(all.client).map(short)).toEqual([
      'update 3 body',
      'update 1 secret',
      'update 1 body,score',
      'update 1 published',
      'update 3 published',
      'delete 2',
    ])
    const [first] = newsOf(ann.client)
    expect(first).toEqual({
      subscription_id: ann.subscription_id,
      table: 'notes',
      action: 'update',
      key: '1',
      record: { id: 1, title: 'public', body: 'aa', owner_id: setting.ben.userId, published: true, writer_id: 1 },
      changed: ['body'],
      cursor: expect.any(String),
    })
    expect(new Set(newsOf(all.client).map(({ cursor }) => cursor.length)).size).toBe(1)
  })

  it('leaving the filter is leaving; fields are those that were asked for', async () => {
    const { root } = setting
    const few = await listener('root', { filter: { score: { gte: 20 } }, fields: ['id', 'title'] })
    await root.patch('/data/notes/1', { score: 25 })
    await root.patch('/data/notes/2', { body: 'not asked for' })
    await root.patch('/data/notes/2', { score: 5 })
    await root.patch('/data/notes/3', { title: 'x' })
    await few.client.hears('data.changed', ({ key, action }) => key === '3' && action === 'update')
    expect(newsOf(few.client).map(short)).toEqual(['insert 1', 'delete 2', 'update 3 title'])
    expect(newsOf(few.client)[0].record).toEqual({ id: 1, title: 'public' })
  })

  it('a row that has left since is told once, by what made it leave', async () => {
    const { root } = setting
    const wanted = { filter: { score: { gte: 20 } } }
    const { cursor } = await listener('root', wanted)
    await root.patch('/data/notes/2', { body: 'before' })
    await root.patch('/data/notes/2', { score: 5 })
    await root.patch('/data/notes/3', { title: 'x' })
    const late = await listener('root', { ...wanted, cursor })
    await late.client.hears('data.changed', ({ key }) => key === '3')
    expect(newsOf(late.client).map(short)).toEqual(['delete 2', 'update 3 title'])
  })

  it('M31, M58: nothing hidden can be asked for', async () => {
    const { client } = await listener('ann')
    const codes = async (input: object) =>
      (await client.ask('data.subscribe', { table: 'notes', ...input })).error?.code
    expect(await codes({ filter: { secret: 's1' } })).toBe('bad_filter')
    expect(await codes({ fields: ['secret'] })).toBe('bad_filter')
    expect(await codes({ fields: ['nothing'] })).toBe('bad_filter')
    expect(await codes({ filter: { 'writer.name': 'Ada' } })).toBe('bad_filter')
    expect(await codes({ table: 'vault' })).toBe('not_found')
    expect(await codes({ table: '_atrium_events' })).toBe('not_found')
    expect(await codes({ table: 'writers' })).toBe('state_conflict')
    expect(await codes({ sort: 'id' })).toBe('unknown_field')
  })

  it('each connection has 50 of them, and another one where one has ended', async () => {
    const { client, subscription_id } = await listener('root')
    const more = () => client.ask('data.subscribe', { table: 'notes' })
    for (let held = 1; held < 50; held++) {
      // Past the limit of commands, which is another one.
      if (held % 20 === 0) setting.app.advance(11)
      expect(await more()).toMatchObject({ ok: true })
    }
    setting.app.advance(11)
    expect((await more()).error).toMatchObject({ code: 'rate_limited', detail: expect.stringContaining('50') })
    expect(await client.ask('data.unsubscribe', { subscription_id })).toMatchObject({ ok: true })
    expect(await more()).toMatchObject({ ok: true })
  })

  it('ends when it is told to', async () => {
    const { client, subscription_id } = await listener('root')
    expect(await client.ask('data.unsubscribe', { subscription_id })).toMatchObject({ ok: true })
    const again = await listener('root')
    await setting.root.patch('/data/notes/1', { body: 'x' })
    await again.client.hears('data.changed')
    expect(newsOf(client)).toEqual([])
  })
})

describe('AZ4: what may be seen changes at once', () => {
  it('other rules: the subscription begins anew, by them', async () => {
    const { root } = setting
    const ann = await listener('ann')
    const user = { ...rules.rules.user, fields: { read: ['id', 'body'] } }
    await expose(root, 'notes', { ...live, rules: { ...rules.rules, user } })
    await ann.client.hears('data.reset')
    await root.patch('/data/notes/1', { title: 'not hers any more' })
    await root.patch('/data/notes/1', { body: 'b2' })
    const news = await ann.client.hears('data.changed')
    expect(news).toMatchObject({ action: 'update', record: { id: 1, body: 'b2' }, changed: ['body'] })
    expect(Object.keys(news.record)).toEqual(['id', 'body'])
  })

  it('M33: no rule, no exposure or no live table: it ends, and nothing more is told', async () => {
    const { root } = setting
    for (const closed of [
      { ...live, rules: {} },
      { ...live, realtime: false },
      { ...live, exposed: false },
    ]) {
      await expose(root, 'notes', live)
      const ann = await listener('ann')
      await expose(root, 'notes', closed)
      expect(await ann.client.hears('data.ended')).toMatchObject({ reason: 'revoked', table: 'notes' })
      await expose(root, 'notes', live)
      const other = await listener('ann')
      await root.patch('/data/notes/1', { body: `${Object.keys(closed)}` })
      await root.patch('/data/notes/1', { body: 'last' })
      await other.client.hears('data.changed', ({ record }) => record.body === 'last')
      expect(newsOf(ann.client)).toEqual([])
    }
  })

  it('M36: a role that is taken away, or means less', async () => {
    const { root, app } = setting
    const role = { name: 'helpers', permissions: ['data:read', 'events:read'], inherits: ['moderator'] }
    expect((await root.post('/admin/roles', role)).status).toBe(201)
    const cara = await app.holderOf(['moderator'])
    const dora = await app.holderOf(['helpers'])
    const clients = [await connect(app, cara), await connect(app, dora)]
    open.push(...clients)
    for (const client of clients)
      expect(await client.ask('data.subscribe', { table: 'notes' })).toMatchObject({ ok: true })
    await root.patch('/data/notes/3', { secret: 'seen by moderators' })
    for (const client of clients) {
      expect(await client.hears('data.changed')).toMatchObject({ record: { secret: 'seen by moderators' } })
    }
    expect((await root.patch(`/admin/users/${cara.userId}`, { roles: ['guest'] })).status).toBe(200)
    expect((await root.patch('/admin/roles/helpers', { inherits: [] })).status).toBe(200)
    const other = await listener('root')
    await root.patch('/data/notes/3', { secret: 'not any more' })
    await other.client.hears('data.changed')
    await clients[0]?.hears('session.ended')
    await clients[1]?.hears('data.ended')
    expect(clients.map((client) => newsOf(client).length)).toEqual([1, 1])
  })
})

describe('W01: whoever comes back gets what they missed', () => {
  it('AZ4: what is hidden says nothing, however much came together', async () => {
    const { root, ann } = setting
    const first = await listener('ann')
    first.client.close()
    await root.patch('/data/notes/1', { secret: 'hidden' })
    await root.patch('/data/notes/1', { body: 'one' })
    await root.patch('/data/notes/3', { secret: 'hidden' })
    await root.patch('/data/notes/3', { published: true })
    await root.patch('/data/notes/1', { secret: 'hidden again' })
    await root.patch('/data/notes/1', { title: 'two' })
    const asked = { streams: {}, tables: [{ table: 'notes', cursor: first.cursor }] }
    const [told] = (await ann.post('/sync', asked)).json.tables
    expect(told.events.map(short)).toEqual(['update 1 body', 'insert 3', 'update 1 title'])
    const page = (await ann.post('/sync', { ...asked, limit: 1 })).json.tables[0]
    expect([page.events, page.more]).toEqual([[], true])
  })

  it('W01: by subscribing with the cursor, or by sync; each once and in order', async () => {
    const { root, ann } = setting
    const first = await listener('ann')
    await root.patch('/data/notes/1', { body: 'one' })
    const { cursor } = await first.client.hears('data.changed')
    first.client.close()
    await root.patch('/data/notes/1', { body: 'two' })
    await root.patch('/data/notes/1', { secret: 'hidden' })
    await root.post('/data/notes', { id: 4, title: 'new', published: true })
    await root.delete('/data/vault/2')
    expect((await root.delete('/data/notes/2')).status).toBe(204)

    const again = await listener('ann', { cursor })
    expect(again.reset).toBe(false)
    await again.client.hears('data.changed', ({ key }) => key === '2')
    expect(newsOf(again.client).map(short)).toEqual(['update 1 body', 'insert 4', 'delete 2'])

    const asked = await ann.post('/sync', { streams: {}, tables: [{ table: 'notes', cursor }] })
    const [answer] = asked.json.tables
    expect(answer.events.map(short)).toEqual(['update 1 body', 'insert 4', 'delete 2'])
    expect(answer).toMatchObject({ reset: false, removed: false, more: false })
    const paged: Any[] = []
    for (let at = cursor, more = true; more; ) {
      const page = await ann.post('/sync', { streams: {}, tables: [{ table: 'notes', cursor: at }], limit: 1 })
      const [part] = page.json.tables
      paged.push(...part.events)
      at = part.cursor
      more = part.more
    }
    expect(paged.map(short)).toEqual(answer.events.map(short))
    const done = await ann.post('/sync', { streams: {}, tables: [{ table: 'notes', cursor: answer.cursor }] })
    expect(done.json.tables[0].events).toEqual([])
  })

  it('a cursor of somebody else, of another filter or that is made up begins anew; a closed table is removed', async () => {
    const { ann, ben } = setting
    const { cursor } = await listener('ann')
    const asked = async (who: typeof ann, more: object) =>
      (await who.post('/sync', { streams: {}, tables: [{ table: 'notes', cursor, ...more }] })).json.tables[0]
    expect(await asked(ann, {})).toMatchObject({ reset: false })
    expect(await asked(ben, {})).toMatchObject({ reset: true })
    expect(await asked(ann, { filter: { id: 1 } })).toMatchObject({ reset: true })
    expect(await asked(ann, { cursor: `${cursor.slice(0, -2)}AA` })).toMatchObject({ reset: true })
    expect(await asked(ann, { table: 'vault' })).toMatchObject({ removed: true })
    expect(await listener('ann', { cursor: 'nonsense' })).toMatchObject({ reset: true })
  })

  it('W01: what is older than what is kept answers reset, never silence', async () => {
    const { app, root } = setting
    const { cursor, client } = await listener('ann')
    client.close()
    for (const body of ['p', 'q', 'r']) await root.patch('/data/notes/1', { body })
    const { books } = await app.services.tables.source.open()
    if (!books) throw new Error('no books')
    expect(await purgeEvents(books.handle, { before: new Date(0), keep: 1, batch: 100 })).toBeGreaterThan(1)
    const streams = await books.handle.db
      .selectFrom('streams')
      .selectAll()
      .where('id', '=', rowStream('notes'))
      .execute()
    expect(streams[0]?.tail).toBe(streams[0]?.head)
    expect(await listener('ann', { cursor })).toMatchObject({ reset: true })
    const mine = await listener('ann')
    expect(await listener('ann', { cursor: mine.cursor })).toMatchObject({ reset: false })
  })
})
