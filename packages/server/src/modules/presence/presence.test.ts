import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type LiveClient } from '../../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

const own = '/api/v1/users/me/presence'
const seenBy = async (viewer: Visitor, ...people: Visitor[]) => {
  const answer = await viewer.get(`/api/v1/presence?user_ids=${people.map(({ userId }) => userId).join(',')}`)
  expect(answer.status).toBe(200)
  return answer.json.data
}
/** Watches one person and resolves once they look like this. */
const watch = async (viewer: LiveClient, person: Visitor) => {
  const { data } = await viewer.ask('presence.subscribe', { user_ids: [person.userId] })
  return data.data[0]
}
const changes = (viewer: LiveClient, state: string) => viewer.hears('presence.changed', (each) => each.state === state)

describe('presence', () => {
  it('tells those who watch when somebody comes, and when they have gone', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const viewer = await connect(app, ann)
    const nobody = { user_id: bob.userId, state: 'offline', last_seen_at: null, text: null }
    expect(await watch(viewer, bob)).toEqual(nobody)
    expect(await seenBy(ann, bob)).toEqual([nobody])

    const [one, two] = [await connect(app, bob), await connect(app, bob)]
    expect(await changes(viewer, 'online')).toEqual({ ...nobody, state: 'online' })
    expect(await seenBy(ann, bob)).toEqual([{ ...nobody, state: 'online' }])
    one.close()
    await app.services.attendance.write()
    expect(await seenBy(ann, bob)).toEqual([{ ...nobody, state: 'online' }])
    two.close()
    const gone = await changes(viewer, 'offline')
    expect(gone).toEqual({ ...nobody, last_seen_at: expect.stringMatching(/^20.*Z$/) })
    expect(await seenBy(ann, bob)).toEqual([gone])
    viewer.close()
  })

  it('who reloads a page was there all the time', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const viewer = await connect(app, ann)
    const first = await connect(app, bob)
    await watch(viewer, bob)
    await changes(viewer, 'online')
    first.close()
    const second = await connect(app, bob)
    await bob.put(own, { state: 'dnd' })
    expect(await changes(viewer, 'dnd')).toMatchObject({ state: 'dnd' })
    await expect(seenBy(ann, bob)).resolves.toMatchObject([{ state: 'dnd' }])
    second.close()
    viewer.close()
  })

  it('is what one chooses, over either door, until it ends; invisible looks like gone', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const [viewer, live] = [await connect(app, ann), await connect(app, bob)]
    await watch(viewer, bob)
    await changes(viewer, 'online')
    expect((await bob.get(own)).json).toEqual({ user_id: bob.userId, state: 'online', text: null, until: null })

    const until = new Date(app.now().getTime() + 3_600_000).toISOString()
    const set = await live.ask('presence.set', { state: 'away', text: '  at lunch ', until })
    expect(set.data).toEqual({ user_id: bob.userId, state: 'away', text: 'at lunch', until })
    expect(await changes(viewer, 'away')).toMatchObject({ state: 'away', text: 'at lunch' })
    expect((await bob.get(own)).json).toEqual(set.data)

    app.advance(3_601)
    expect(await seenBy(ann, bob)).toMatchObject([{ state: 'online', text: null }])
    await app.services.presenceWatchers.look()
    await viewer.hears('presence.changed', ({ state, text }) => state === 'online' && text === null)

    expect((await bob.put(own, { state: 'offline' })).status).toBe(200)
    expect(await changes(viewer, 'offline')).toEqual({
      user_id: bob.userId,
      state: 'offline',
      last_seen_at: null,
      text: null,
    })
    for (const client of [viewer, live]) client.close()
  })

  it('two first choices at once are both kept', async () => {
    const bob = await app.person()
    const answers = await Promise.all(['away', 'dnd', 'online'].map((state) => bob.put(own, { state })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('one watches whom one named last, and nobody else', async () => {
    const [ann, bob, carl] = [await app.person(), await app.person(), await app.person()]
    const viewer = await connect(app, ann)
    await watch(viewer, bob)
    await watch(viewer, carl)
    const [b, c] = [await connect(app, bob), await connect(app, carl)]
    expect((await changes(viewer, 'online')).user_id).toBe(carl.userId)
    await bob.put(own, { state: 'dnd' })
    await carl.put(own, { state: 'away' })
    expect((await changes(viewer, 'away')).user_id).toBe(carl.userId)
    await expect(Promise.race([changes(viewer, 'dnd'), changes(viewer, 'away')])).resolves.toMatchObject({
      user_id: carl.userId,
    })
    for (const client of [viewer, b, c]) client.close()
  })

  it('answers for whoever is asked for, at most 200, and tells of nobody whether they exist', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const unknown = '0192f6d0-0000-7000-8000-000000000000'
    const url = (ids: string[]) => `/api/v1/presence?user_ids=${ids.join(',')}`
    const { json } = await ann.get(url([unknown, bob.userId, unknown]))
    expect(json.data.map(({ user_id, state }: { user_id: string; state: string }) => [user_id, state])).toEqual([
      [unknown, 'offline'],
      [bob.userId, 'offline'],
    ])
    const many = Array.from({ length: 201 }, (_, index) => `0192f6d0-0000-7000-8000-${String(index).padStart(12, '0')}`)
    expect((await ann.get(url(many.slice(1)))).json.data).toHaveLength(200)
    expect((await ann.get(url(many))).status).toBe(422)
    expect((await ann.get('/api/v1/presence?user_ids=')).status).toBe(422)
    expect((await ann.get('/api/v1/presence')).json).toEqual({ data: [] })
    const live = await connect(app, ann)
    expect(await live.ask('presence.subscribe', { user_ids: many })).toMatchObject({
      ok: false,
      error: { code: 'validation_failed' },
    })
    live.close()
  })

  it.each([
    ['a state there is not', { state: 'busy' }],
    ['no state', {}],
    ['a long text', { state: 'away', text: 'x'.repeat(141) }],
    ['an end in the past', { state: 'away', until: '2020-01-01T00:00:00.000Z' }],
    ['an end in ten years', { state: 'away', until: new Date(Date.now() + 10 * 366 * 86_400_000).toISOString() }],
    ['an end that is no time', { state: 'away', until: 'soon' }],
    ['an unknown field', { state: 'away', user_id: 'x' }],
  ])('refuses %s', async (_what, body) => {
    const bob = await app.person()
    expect((await bob.put(own, body)).status).toBe(422)
  })

  it('an administrator who acts as somebody does not bring them online', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const boss = await app.holderOf(['admin'])
    const acting = await boss.post(`/admin/users/${bob.userId}/impersonate`, { reason: 'a question of theirs' })
    expect(acting.status).toBe(200)
    const live = await connect(app, boss)
    expect(live.ready.user.id).toBe(bob.userId)
    await app.services.attendance.write()
    expect(await seenBy(ann, bob)).toMatchObject([{ state: 'offline' }])
    live.close()
  })

  it('is shown to whom one chose, and to nobody a block stands between, also who watches already', async () => {
    const [ann, bob, carl] = [await app.person(), await app.person(), await app.person()]
    const { id } = (await carl.post('/api/v1/friend-requests', { username: bob.username })).json
    expect((await bob.post(`/api/v1/friend-requests/${id}/accept`)).status).toBeLessThan(300)
    const [viewer, friend, live] = [await connect(app, ann), await connect(app, carl), await connect(app, bob)]
    await watch(viewer, bob)
    await watch(friend, bob)
    await changes(viewer, 'online')
    await changes(friend, 'online')
    await bob.put(own, { state: 'away', text: 'with friends' })
    await changes(viewer, 'away')

    expect((await bob.patch('/users/me', { privacy_settings: { show_presence: 'friends' } })).status).toBe(200)
    await app.services.presenceWatchers.look()
    const hidden = { user_id: bob.userId, state: 'offline', last_seen_at: null, text: null }
    expect(await changes(viewer, 'offline')).toEqual(hidden)
    expect(await seenBy(ann, bob)).toEqual([hidden])
    expect(await seenBy(carl, bob)).toMatchObject([{ state: 'away', text: 'with friends' }])
    expect(await seenBy(bob, bob)).toMatchObject([{ state: 'away' }])

    expect((await bob.put(`/api/v1/blocks/${carl.userId}`)).status).toBeLessThan(300)
    await app.services.presenceWatchers.look()
    expect(await changes(friend, 'offline')).toEqual(hidden)
    expect([await seenBy(carl, bob), await seenBy(bob, carl)]).toEqual([
      [hidden],
      [{ ...hidden, user_id: carl.userId }],
    ])
    for (const client of [viewer, friend, live]) client.close()
  })

  it('when one was last there is shown to whom one chose', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const viewer = await connect(app, ann)
    await watch(viewer, bob)
    const live = await connect(app, bob)
    await changes(viewer, 'online')
    await bob.patch('/users/me', { privacy_settings: { show_last_seen: 'nobody' } })
    live.close()
    expect(await changes(viewer, 'offline')).toMatchObject({ last_seen_at: null })
    await bob.patch('/users/me', { privacy_settings: { show_last_seen: 'everyone' } })
    expect(await seenBy(ann, bob)).toMatchObject([{ last_seen_at: expect.any(String) }])
    viewer.close()
  })
})
