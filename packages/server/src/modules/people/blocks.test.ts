import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { listBlocks } from './index.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const two = async () => [await app.person(), await app.person()] as const
const search = async (who: Visitor, text: string) =>
  (await who.get(`/users?search=${text}`)).json.data.map((user: { username: string }) => user.username)
/** All of an answer but what differs from request to request. */
const plain = ({ status, json }: Answer) => [status, { ...json, request_id: '', instance: '' }]

describe('a block', () => {
  it('AZ2: hides both from each other, as if they never were', async () => {
    const [ann, bob] = await two()
    expect((await ann.put(`/blocks/${bob.userId}`)).status).toBe(204)
    const nobody = '01890000-0000-7000-8000-000000000000'
    for (const [viewer, other] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      expect(await search(viewer, other.username)).toEqual([])
      expect(plain(await viewer.get(`/users/${other.userId}`))).toEqual(plain(await viewer.get(`/users/${nobody}`)))
      expect(plain(await viewer.get(`/users/@${other.username}`))).toEqual(
        plain(await viewer.get('/users/@no-one-here')),
      )
      expect(plain(await viewer.post('/friend-requests', { username: other.username }))).toEqual(
        plain(await viewer.post('/friend-requests', { username: 'no-one-here' })),
      )
      expect(plain(await viewer.post('/conversations', { kind: 'direct', member_ids: [other.userId] }))).toEqual(
        plain(await viewer.post('/conversations', { kind: 'direct', member_ids: [nobody] })),
      )
      expect(outcome(await viewer.post('/conversations', { kind: 'direct', username: other.username }))).toEqual([
        404,
        'not_found',
      ])
    }
    const third = await app.person()
    expect(await search(third, bob.username)).toEqual([bob.username])
    expect((await third.get(`/users/${ann.userId}`)).status).toBe(200)
  })

  it('AZ2: is answered alike for whoever is hidden, shut out or there, so that it tells nothing', async () => {
    const [ann, bob] = await two()
    await bob.put(`/blocks/${ann.userId}`)
    expect((await ann.put(`/blocks/${bob.userId}`)).status).toBe(204)
    expect((await ann.get('/blocks')).json.data).toMatchObject([{ user: { id: bob.userId } }])
    await ann.delete(`/blocks/${bob.userId}`)
    expect((await ann.get(`/users/${bob.userId}`)).status).toBe(404)
    await bob.delete(`/blocks/${ann.userId}`)
    expect((await ann.get(`/users/${bob.userId}`)).status).toBe(200)
  })

  it('can be repeated and taken back, by id and by name', async () => {
    const [ann, bob] = await two()
    for (const name of [bob.userId, `@${bob.username}`]) expect((await ann.put(`/blocks/${name}`)).status).toBe(204)
    expect((await ann.get('/blocks')).json.data).toHaveLength(1)
    for (const name of [`@${bob.username}`, bob.userId, 'whoever']) {
      expect((await ann.delete(`/blocks/${name}`)).status).toBe(204)
    }
    expect((await ann.get('/blocks')).json.data).toEqual([])
    expect(outcome(await ann.put(`/blocks/${ann.userId}`))).toEqual([422, 'self_reference'])
    expect(outcome(await ann.put('/blocks/@no-one-here'))).toEqual([404, 'not_found'])
  })

  it('ends friendship and requests, and they do not come back with it', async () => {
    const [ann, bob] = await two()
    const { id } = (await ann.post('/friend-requests', { username: bob.username })).json
    await bob.post(`/friend-requests/${id}/accept`)
    await ann.put(`/blocks/${bob.userId}`)
    for (const person of [ann, bob]) expect((await person.get('/friends')).json.data).toEqual([])
    await ann.delete(`/blocks/${bob.userId}`)
    expect((await bob.get('/friends')).json.data).toEqual([])

    const open = (await ann.post('/friend-requests', { username: bob.username })).json.id
    await bob.put(`/blocks/${ann.userId}`)
    expect((await ann.get('/friend-requests/count')).json).toEqual({ incoming: 0, outgoing: 0 })
    expect(outcome(await bob.post(`/friend-requests/${open}/accept`))).toEqual([409, 'state_conflict'])
  })

  it('M55: and a request at once leave no request behind', async () => {
    for (let round = 0; round < 5; round++) {
      const [ann, bob] = await two()
      await Promise.all([
        ann.post('/friend-requests', { username: bob.username }),
        bob.put(`/blocks/${ann.userId}`),
        bob.post('/friend-requests', { username: ann.username }),
      ])
      for (const person of [ann, bob]) {
        expect((await person.get('/friend-requests/count')).json).toEqual({ incoming: 0, outgoing: 0 })
        expect((await person.get('/friends')).json.data).toEqual([])
      }
    }
  })

  it('is told to the other devices of who blocked, and to nobody else', async () => {
    const [ann, bob] = await two()
    const { id } = (await ann.post('/friend-requests', { username: bob.username })).json
    await bob.post(`/friend-requests/${id}/accept`)
    const [a, b] = [await connect(app, ann), await connect(app, bob)]
    await ann.patch('/users/me', { display_name: 'Seen by friends' })
    await ann.put(`/blocks/${bob.userId}`)
    expect((await a.hears('block.changed')).data).toMatchObject({ user_id: bob.userId, blocked: true })
    const removed = (await b.hears('friend.removed')).data
    expect(removed).toMatchObject({ user_id: ann.userId, user: { display_name: null } })
    expect(b.heard.map(({ type }) => type)).not.toContain('block.changed')
    a.close()
    b.close()
  })

  it('comes in pages, the newest first', async () => {
    const me = await app.person()
    const names: string[] = []
    for (let index = 0; index < 3; index++) {
      const other = await app.person()
      names.unshift(other.username)
      await me.put(`/blocks/${other.userId}`)
      app.advance(1)
    }
    const first = (await me.get('/blocks?limit=2')).json
    const second = (await me.get(`/blocks?limit=2&cursor=${first.page.next_cursor}`)).json
    const users = [...first.data, ...second.data].map(({ user }: { user: { username: string } }) => user.username)
    expect([users, second.page.has_more]).toEqual([names, false])
  })

  it('is known to other rooms, from either side', async () => {
    const [ann, bob] = await two()
    const { db } = app.database
    await ann.put(`/blocks/${bob.userId}`)
    const block = { blocker_id: ann.userId, blocked_id: bob.userId }
    expect(await listBlocks(db, [ann.userId])).toEqual([block])
    expect(await listBlocks(db, [bob.userId])).toEqual([block])
    expect(await listBlocks(db, [ann.userId, bob.userId])).toEqual([block])
    expect(await listBlocks(db, [])).toEqual([])
  })
})

describe('C04: who may message', () => {
  const mayMessage = (from: Visitor, to: Visitor) =>
    app.services.relations.assertMayMessage(app.database.db, from.userId, to.userId).then(
      () => 'yes',
      (error: { code: string }) => error.code,
    )

  it('is everyone, friends or nobody, as the receiver says', async () => {
    const [ann, bob] = await two()
    const friend = await app.person()
    const { id } = (await friend.post('/friend-requests', { username: bob.username })).json
    await bob.post(`/friend-requests/${id}/accept`)
    expect([await mayMessage(ann, bob), await mayMessage(friend, bob)]).toEqual(['yes', 'yes'])
    await bob.patch('/users/me', { privacy_settings: { who_may_message: 'friends' } })
    expect([await mayMessage(ann, bob), await mayMessage(friend, bob)]).toEqual(['messaging_not_allowed', 'yes'])
    const refused = await ann.post('/conversations', { kind: 'direct', member_ids: [bob.userId] })
    expect(outcome(refused)).toEqual([403, 'messaging_not_allowed'])
    expect((await friend.post('/conversations', { kind: 'direct', member_ids: [bob.userId] })).status).toBe(201)
    await bob.patch('/users/me', { privacy_settings: { who_may_message: 'nobody' } })
    expect(await mayMessage(friend, bob)).toBe('messaging_not_allowed')
    expect(await mayMessage(bob, friend)).toBe('yes')
    await ann.put(`/blocks/${bob.userId}`)
    expect([await mayMessage(ann, bob), await mayMessage(bob, ann)]).toEqual(['not_found', 'not_found'])
  })
})

describe('C04: privacy settings', () => {
  it('are all there from the start, change one by one, and are told', async () => {
    const me = await app.person()
    const initial = {
      ...{ who_may_message: 'everyone', show_presence: 'everyone', show_last_seen: 'everyone' },
      ...{ send_read_receipts: true, searchable: true },
    }
    expect((await me.get('/users/me')).json.privacy_settings).toEqual(initial)
    const live = await connect(app, me)
    const changed = await me.patch('/users/me', { privacy_settings: { show_last_seen: 'nobody' } })
    expect(changed.json.privacy_settings).toEqual({ ...initial, show_last_seen: 'nobody' })
    expect((await live.hears('account.updated')).data.privacy_settings).toEqual({
      ...initial,
      show_last_seen: 'nobody',
    })
    await me.patch('/users/me', { privacy_settings: { send_read_receipts: false } })
    await me.patch('/users/me', { bio: 'unrelated' })
    expect((await me.get('/users/profile')).json.privacy_settings).toEqual({
      ...{ ...initial, show_last_seen: 'nobody', send_read_receipts: false },
    })
    await me.put('/users/me', { bio: 'all anew' })
    expect((await me.get('/users/me')).json.privacy_settings).toEqual(initial)
    live.close()
  })

  it.each([
    { who_may_message: 'members' },
    { who_may_message: null },
    { searchable: 'no' },
    { colour: 'blue' },
    'everyone',
  ])('are refused when they make no sense: %j', async (privacy_settings) => {
    const me = await app.person()
    expect((await me.patch('/users/me', { privacy_settings })).status).toBe(422)
  })

  it('who does not want to be found is found by name only by those they know', async () => {
    const [ann, bob] = await two()
    await bob.patch('/users/me', { privacy_settings: { searchable: false } })
    const byName = async (viewer: Visitor) => (await viewer.get(`/users/@${bob.username}`)).status
    expect(await search(ann, bob.username)).toEqual([])
    expect([await byName(ann), await byName(bob), await byName(app.visitor())]).toEqual([404, 200, 404])
    expect((await ann.post('/friend-requests', { username: bob.username })).status).toBe(404)
    expect((await ann.get(`/users/${bob.userId}`)).status).toBe(200)
    const { id } = (await bob.post('/friend-requests', { username: ann.username })).json
    expect(await byName(ann)).toBe(200)
    await ann.post(`/friend-requests/${id}/accept`)
    expect(await byName(ann)).toBe(200)
    await bob.patch('/users/me', { privacy_settings: { searchable: true } })
    expect(await search(await app.person(), bob.username)).toEqual([bob.username])
  })
})
