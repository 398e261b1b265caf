import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killedEverywhere } from '../../../test/killed-at.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor

beforeAll(async () => {
  app = await createTestApp()
  ann = await app.person('ann')
})
afterAll(() => app.drop())

const place = (name: string) => ({ name, location: { lon: 8.5, lat: 47.4 } })
const placesOf = async (who: Visitor) =>
  (await who.get('/places?limit=100')).json.data.map(({ name }: { name: string }) => name).sort()
const add = (who: Visitor, key: string, name: string) => who.post('/places', place(name), { 'idempotency-key': key })
const keyRows = () => app.database.db.selectFrom('idempotency_keys').selectAll().execute()
const change = (set: Record<string, string | null>) =>
  app.database.unitOfWork(({ tx }) => tx.updateTable('idempotency_keys').set(set).execute())
const endLeases = () =>
  app.database.unitOfWork(({ tx }) =>
    tx
      .updateTable('idempotency_keys')
      .set({ lease_until: '2020-01-01T00:00:00.000Z' })
      .where('status', 'is', null)
      .execute(),
  )

describe('W12: a request with an Idempotency-Key', () => {
  it('happens once; its repeats are answered alike, and say so', async () => {
    const first = await add(ann, '"once"', 'once')
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined])
    for (const key of ['"once"', 'once']) {
      const again = await add(ann, key, 'once')
      expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([201, first.body, 'true'])
      const { location, etag, 'content-type': type } = first.headers
      expect(again.headers).toMatchObject({ location, etag, 'content-type': type })
    }
    expect(await placesOf(ann)).toEqual(['once'])
    const reordered = { location: { lat: 47.4, lon: 8.5 }, name: 'once' }
    const again = await ann.post('/places', reordered, { 'idempotency-key': 'once' })
    expect(again.headers['idempotency-replayed']).toBe('true')
  })

  it('is refused with another body, query or condition, and leaves the first as it is', async () => {
    const [{ id }] = (await ann.get('/places')).json.data
    const other = await add(ann, 'once', 'other')
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused'])
    const patch = (etag: string) =>
      ann.patch(`/places/${id}`, { category: 'x' }, { 'idempotency-key': 'p', 'if-match': etag })
    expect((await patch('"v1"')).status).toBe(200)
    expect((await patch('"v2"')).json.code).toBe('idempotency_key_reused')
    expect((await patch('"v1"')).headers['idempotency-replayed']).toBe('true')
    expect(await placesOf(ann)).toEqual(['once'])
  })

  it('is told from that of another person, another method and another path', async () => {
    const bob = await app.person()
    const theirs = await add(bob, 'once', 'bobs')
    expect([theirs.status, theirs.headers['idempotency-replayed']]).toEqual([201, undefined])
    const asked = await ann.post('/friend-requests', { username: bob.username }, { 'idempotency-key': 'once' })
    expect([asked.status, asked.headers['idempotency-replayed']]).toEqual([201, undefined])
  })

  it('made in somebody’s name by a key is that key’s own', async () => {
    const { json } = await ann.post('/users/me/api-keys', { name: 'k', scopes: ['places:read', 'places:update'] })
    const program = app.visitor()
    program.headers = { 'x-api-key': json.key }
    const made = await add(program, 'once', 'by a program')
    expect([made.status, made.headers['idempotency-replayed']]).toEqual([201, undefined])
    expect((await add(program, 'once', 'by a program')).headers['idempotency-replayed']).toBe('true')
  })

  it('M55: of ten that come at once one acts; the others are told to wait, or get its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => add(ann, 'crowd', 'crowd')))
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    const acted = answers.filter(({ status, headers }) => status === 201 && !headers['idempotency-replayed'])
    expect(acted).toHaveLength(1)
    for (const { status, body, json, headers } of answers) {
      if (status === 201) expect(body).toBe(acted[0]?.body)
      else
        expect([status, json.code, Number(headers['retry-after']) > 0]).toEqual([409, 'idempotency_in_progress', true])
    }
    expect((await placesOf(ann)).filter((name: string) => name === 'crowd')).toHaveLength(1)
  })

  it('whose first is still running has to wait until its lease ends', async () => {
    await add(ann, 'long', 'long')
    await change({ status: null, body: null, lease_until: new Date(app.now().getTime() + 30_000).toISOString() })
    const waiting = await add(ann, 'long', 'long')
    expect([waiting.status, waiting.json.code, waiting.headers['retry-after']]).toEqual([
      409,
      'idempotency_in_progress',
      '5',
    ])
    expect((await add(ann, 'long', 'longer')).json.code).toBe('idempotency_key_reused')
    app.advance(31)
    expect((await add(ann, 'long', 'long')).headers['idempotency-replayed']).toBeUndefined()
  })

  it('is answered alike where it was refused, unless waiting or signing in could help', async () => {
    const key = { 'idempotency-key': 'nobody' }
    const refused = await ann.post('/friend-requests', { username: 'nobody-there' }, key)
    expect([refused.status, refused.json.code]).toEqual([404, 'not_found'])
    await app.person('nobody-there')
    const again = await ann.post('/friend-requests', { username: 'nobody-there' }, key)
    expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([404, refused.body, 'true'])
    expect(again.headers['content-type']).toContain('application/problem+json')
    const before = (await keyRows()).length
    const anonymous = await app
      .visitor()
      .post('/places', place('x'), { 'idempotency-key': 'x', authorization: 'Bearer x' })
    expect(anonymous.status).toBe(401)
    expect(await keyRows()).toHaveLength(before)
  })

  it('asks for 1 to 255 visible characters', async () => {
    for (const key of ['two words', '""', 'x'.repeat(256), 'tab\there']) {
      expect([key, (await add(ann, key, 'never')).status]).toEqual([key, 400])
    }
    expect((await add(ann, 'x'.repeat(255), 'widest')).status).toBe(201)
  })

  it('is forgotten after a day, and removed', async () => {
    const fresh = await app.person()
    expect((await add(fresh, 'day', 'day')).status).toBe(201)
    await change({ created_at: new Date(app.now().getTime() - 24 * 3600_000 - 1000).toISOString() })
    expect((await add(fresh, 'day', 'day')).headers['idempotency-replayed']).toBeUndefined()
    expect(await placesOf(fresh)).toEqual(['day', 'day'])
    const total = (await keyRows()).length
    expect(await app.services.idempotency.purge()).toBe(total - 1)
    expect(await keyRows()).toHaveLength(1)
  })

  it('leaves no answer behind when its account ends', async () => {
    const gone = await app.person()
    await add(gone, 'gone', 'gone')
    const holds = async () => (await keyRows()).some(({ user_id }) => user_id === gone.userId)
    expect(await holds()).toBe(true)
    await app.services.erasure.erase(gone.userId)
    expect(await holds()).toBe(false)
  })
})

describe('W12: what is shown once', () => {
  it('is made once and never repeated: no secret is kept', async () => {
    const make = () =>
      ann.post('/users/me/api-keys', { name: 'ci', scopes: ['places:read'] }, { 'idempotency-key': 's' })
    const made = await make()
    expect(made.status).toBe(201)
    const again = await make()
    expect([again.status, again.json.code]).toEqual([409, 'state_conflict'])
    expect(again.body).not.toContain('sk_')
    const names = (await ann.get('/users/me/api-keys')).json.data.map(({ name }: { name: string }) => name)
    expect(names.filter((name: string) => name === 'ci')).toHaveLength(1)
    expect(JSON.stringify(await keyRows())).not.toContain(made.json.key)
  })

  it('nor is a cookie', async () => {
    const kept = new Set((await keyRows()).flatMap(({ headers }) => Object.keys(JSON.parse(headers ?? '{}'))))
    for (const name of kept) expect(['content-type', 'location', 'etag', 'cache-control']).toContain(name)
  })

  it('a message is known by its client_id, and repeated as it is now', async () => {
    const bob = await app.person()
    const id = await app.conversation(ann, bob)
    const send = (text: string) =>
      ann.post(`/conversations/${id}/messages`, { client_id: 'c1', text }, { 'idempotency-key': 'm' })
    const sent = await send('hello')
    expect(sent.status).toBe(201)
    expect((await send('other')).json.code).toBe('idempotency_key_reused')
    await ann.delete(`/messages/${sent.json.id}?for=everyone`)
    const again = await send('hello')
    expect([again.status, again.json.id, again.json.text]).toEqual([200, sent.json.id, ''])
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(JSON.stringify(await keyRows())).not.toContain('hello')
  })
})

it('W12: the guide names every route that takes a key, and none that does not', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../../docs/guide/repeating.md'), 'utf8')
  const named = [...guide.matchAll(/`(POST|PATCH) (\/[^`\s]+)`/g)].map(([, method, path]) => `${method} ${path}`)
  const taking = app.http.guardedRoutes.flatMap(({ config, method, url }) =>
    config?.idempotency ? [`${method} ${url.replace('/api/v1', '').replace(/:(\w+)/g, '{$1}')}`] : [],
  )
  expect([...new Set(named)].sort()).toEqual([...new Set(taking)].sort())
})

describe('F1, W12: a process killed at any step of a request', () => {
  const patience = 60_000
  let round = 0
  const nextKey = () => ({ 'idempotency-key': `round-${++round}` })

  it('has asked somebody once: one request, one notification, one event of each', { timeout: patience }, async () => {
    const bob = await app.person()
    const { db } = app.database
    const told = db.selectFrom('events').select('type').where('stream_id', '=', `user:${bob.userId}`).orderBy('seq')
    const notices = db.selectFrom('notifications').select('id').where('user_id', '=', bob.userId)
    const open = async () => (await bob.get('/friend-requests')).json.data as { id: string }[]
    const asking = async () => {
      for (const { id } of await open()) await ann.delete(`/friend-requests/${id}`)
      const key = nextKey()
      const [events, notifications] = [(await told.execute()).length, (await notices.execute()).length]
      return {
        request: () => ann.post('/friend-requests', { username: bob.username }, key),
        effects: async () => ({
          requests: (await open()).length,
          notifications: (await notices.execute()).length - notifications,
          events: (await told.execute()).slice(events).map(({ type }) => type),
        }),
      }
    }
    const events = ['friend_request.created', 'notification.created']
    const ends = await killedEverywhere(endLeases, asking, { requests: 1, notifications: 1, events })
    // Some ends were before the commit, some behind it.
    expect(ends.length).toBeGreaterThan(20)
    expect(new Set(ends)).toEqual(new Set(['done', 'kept']))
  })

  it('has made one key and written one mail of it', { timeout: patience }, async () => {
    const who = await app.person()
    const mails = async () => (await app.mails(`${who.username}@example.com`)).length
    const keys = async () => (await who.get('/users/me/api-keys')).json.data as { id: string }[]
    const making = async () => {
      for (const { id } of await keys()) await who.delete(`/users/me/api-keys/${id}`)
      const [key, before] = [nextKey(), await mails()]
      const make = () => who.post('/users/me/api-keys', { name: 'ci', scopes: ['places:read'] }, key)
      return {
        // A repeat says that it was done, not what came of it.
        request: async () => {
          const answer = await make()
          return { ...answer, status: 0, body: '' }
        },
        effects: async () => ({ keys: (await keys()).length, mails: (await mails()) - before }),
      }
    }
    const ends = await killedEverywhere(endLeases, making, { keys: 1, mails: 1 })
    expect(new Set(ends)).toEqual(new Set(['done', 'state_conflict']))
  })
})
