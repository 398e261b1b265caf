import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import type { NotificationDraft } from './index.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

type Draft = Partial<NotificationDraft> & Pick<NotificationDraft, 'userId'>

const draft = (more: Draft): NotificationDraft => ({
  type: 'message_mention',
  actorId: null,
  target: { type: 'message', id: newId(), url: '/messages' },
  data: {},
  ...more,
})

/** As a caller does: tells in its unit of work, and appends what came back. Answers how many were told. */
const tell = (...drafts: Draft[]): Promise<number> =>
  app.database.unitOfWork(async (uow) => {
    const events = await app.services.notifications.notify(uow, drafts.map(draft))
    await uow.append(events)
    return events.length
  })

const listOf = async (visitor: Visitor, query = '') => (await visitor.get(`/notifications${query}`)).json
const idsOf = (list: { data: { id: string }[] }) => list.data.map(({ id }) => id)

describe('N01: what is told', () => {
  it('N01: is stored, counted, and told live with the same words as the list has', async () => {
    const [ann, bob] = [await app.person('n-ann'), await app.person('n-bob')]
    const live = await connect(app, bob)
    expect(live.ready.unread).toMatchObject({ notifications: 0 })
    const target = { type: 'message', id: newId(), url: '/messages/1?at=2' }
    const data = { message_id: target.id, conversation_id: newId() }
    expect(await tell({ userId: bob.userId, actorId: ann.userId, target, data })).toBe(1)

    const event = await live.hears('notification.created')
    expect(event).toMatchObject({
      stream: `user:${bob.userId}`,
      data: { type: 'message_mention', title: 'n-ann mentioned you', body: null, target, data, read_at: null },
    })
    expect(event.data.actor).toMatchObject({ id: ann.userId, username: 'n-ann' })
    const list = await listOf(bob)
    expect(list).toMatchObject({ data: [event.data], unread_count: 1, page: { has_more: false } })
    expect((await bob.get('/notifications/unread-count')).json).toEqual({ unread_count: 1 })
    const again = await connect(app, bob)
    expect(again.ready.unread.notifications).toBe(1)
    for (const client of [live, again]) client.close()
  })

  it('N01: nothing of a unit that was taken back stays', async () => {
    const bob = await app.person()
    const failing = app.database.unitOfWork(async (uow) => {
      await uow.append(await app.services.notifications.notify(uow, [draft({ userId: bob.userId })]))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await listOf(bob)).toMatchObject({ data: [], unread_count: 0 })
  })

  it('nobody is told of their own doing, of the same thing twice in a unit, or after they left', async () => {
    const [eva, max] = [await app.person(), await app.person()]
    const target = { type: 'message', id: newId(), url: '/' }
    const told = await app.database.unitOfWork(async ({ append, ...uow }) => {
      const { notifications } = app.services
      const unit = { ...uow, append }
      const events = [
        ...(await notifications.notify(unit, [
          draft({ userId: eva.userId, actorId: eva.userId }),
          draft({ userId: max.userId, target }),
          draft({ userId: max.userId, target }),
          draft({ userId: max.userId, target, type: 'message_reply' }),
          draft({ userId: newId() }),
        ])),
        ...(await notifications.notify(unit, [draft({ userId: max.userId, target })])),
      ]
      await append(events)
      return events.length
    })
    expect(told).toBe(2)
    expect((await listOf(max)).data.map(({ type }: { type: string }) => type).sort()).toEqual([
      'message_mention',
      'message_reply',
    ])
    await tell({ userId: eva.userId })
    await app.services.erasure.erase(eva.userId)
    const left = app.database.db.selectFrom('notifications').select('id').where('user_id', '=', eva.userId)
    expect(await left.execute()).toEqual([])
    expect(await tell({ userId: eva.userId })).toBe(0)
  })

  it('at most a hundred are told at once', async () => {
    const max = await app.person()
    expect(await tell(...Array.from({ length: 120 }, () => ({ userId: max.userId })))).toBe(100)
  })

  it('is said in the language of the account, by whatever name the other has today', async () => {
    const [ann, udo] = [await app.person('n-anne'), await app.person('n-udo')]
    await udo.patch('/users/me', { locale: 'de-AT' })
    await tell({ userId: udo.userId, actorId: ann.userId, type: 'friend_request' })
    expect((await listOf(udo)).data[0].title).toBe('n-anne möchte mit Ihnen befreundet sein')
    await ann.patch('/users/me', { display_name: 'Anne {preview} B.' })
    expect((await listOf(udo)).data[0].title).toBe('Anne {preview} B. möchte mit Ihnen befreundet sein')
    await udo.patch('/users/me', { locale: 'fr' })
    expect((await listOf(udo)).data[0].title).toBe('Anne {preview} B. would like to be friends with you')
  })

  it('N01: shows the text of a message as it is now, and none once it was deleted', async () => {
    const [ann, bob, spy] = [await app.person(), await app.person(), await app.person()]
    const room = await app.conversation(ann, bob)
    const sent = await ann.post(`/conversations/${room}/messages`, { client_id: 'a', text: 'see you at eight' })
    const message = { actorId: ann.userId, data: { message_id: sent.json.id, conversation_id: room } }
    await tell({ userId: bob.userId, ...message }, { userId: spy.userId, ...message })
    const body = async (who: Visitor) => (await listOf(who)).data[0].body
    expect(await body(bob)).toBe('see you at eight')
    expect(await body(spy)).toBe(null)
    await ann.patch(`/messages/${sent.json.id}`, { text: 'see you at nine' })
    expect(await body(bob)).toBe('see you at nine')
    await ann.delete(`/messages/${sent.json.id}?for=everyone`)
    expect(await body(bob)).toBe(null)
    const { events } = (await bob.post('/sync', { streams: { [`user:${bob.userId}`]: 0 } })).json
    const created = events.filter(({ type }: { type: string }) => type === 'notification.created')
    expect(created.map(({ data }: { data: { body: unknown } }) => data.body)).toEqual([null])
  })

  it('a type is off by default only where that was said', async () => {
    const [ann, max] = [await app.person(), await app.person()]
    expect(
      await tell({ userId: max.userId, actorId: ann.userId, type: 'message_reaction', data: { emoji: '👍' } }),
    ).toBe(0)
  })
})

describe('N02: what is read', () => {
  it('N02: some, or all, on every device, and only one’s own', async () => {
    const [bob, spy] = [await app.person(), await app.person()]
    await tell(...Array.from({ length: 5 }, () => ({ userId: bob.userId })))
    await tell({ userId: spy.userId })
    const [first, second, third] = idsOf(await listOf(bob)) as [string, string, string]
    const [foreign] = idsOf(await listOf(spy)) as [string]
    const live = await connect(app, bob)

    const marked = await bob.post('/notifications/mark-as-read', { notification_ids: [first, foreign, newId()] })
    expect(marked.json).toEqual({ unread_count: 4 })
    expect(await live.hears('notification.read')).toMatchObject({ data: { ids: [first] } })
    expect(await live.ask('notification.read', { ids: [second] })).toEqual({ ok: true, data: { unread_count: 3 } })
    expect(await live.hears('notification.read', ({ data }) => data.ids[0] === second)).toMatchObject({
      data: { unread_count: 3 },
    })
    expect((await bob.post('/notifications/mark-as-read', { notification_ids: [first] })).json.unread_count).toBe(3)
    expect((await bob.post('/notifications/mark-as-read', { notification_ids: [] })).json.unread_count).toBe(3)
    expect(idsOf(await listOf(bob, '?unread=true'))).not.toContain(first)
    expect((await listOf(bob, '?unread=true')).data).toHaveLength(3)

    expect((await bob.post('/notifications/mark-as-read')).json).toEqual({ unread_count: 0 })
    expect((await live.hears('notification.read', ({ data }) => data.ids.length === 3)).data).toMatchObject({
      ids: expect.arrayContaining([third]),
      unread_count: 0,
    })
    expect(await live.ask('notification.read')).toEqual({ ok: true, data: { unread_count: 0 } })
    expect(await listOf(spy)).toMatchObject({ unread_count: 1 })
    live.close()
  })

  it('N02: more than one batch is marked in one call', async () => {
    const bob = await app.person()
    for (let round = 0; round < 6; round++) await tell(...Array.from({ length: 100 }, () => ({ userId: bob.userId })))
    expect((await bob.get('/notifications/unread-count')).json).toEqual({ unread_count: 600 })
    expect((await bob.post('/notifications/mark-as-read', {})).json).toEqual({ unread_count: 0 })
    expect((await listOf(bob, '?unread=true')).data).toEqual([])
  })

  it('N02: one can be marked unread again, and removed', async () => {
    const bob = await app.person()
    await tell({ userId: bob.userId })
    const [id] = idsOf(await listOf(bob)) as [string]
    const read = await bob.patch(`/notifications/${id}`, { read: true })
    expect([read.status, read.json.read_at]).toEqual([200, expect.any(String)])
    expect((await bob.patch(`/notifications/${id}`, { read: true })).json).toEqual(read.json)
    const unread = await bob.patch(`/notifications/${id}`, { read: false })
    expect(unread.json).toMatchObject({ id, read_at: null })
    expect((await bob.get('/notifications/unread-count')).json).toEqual({ unread_count: 1 })
    expect((await bob.delete(`/notifications/${id}`)).status).toBe(204)
    expect(await listOf(bob)).toMatchObject({ data: [], unread_count: 0 })
    // What was removed does not come back with the events.
    const { events } = (await bob.post('/sync', { streams: { [`user:${bob.userId}`]: 0 } })).json
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      'skipped',
      'notification.read',
      'skipped',
      'notification.read',
    ])
  })

  it('AZ2 M29: ids of others are as unknown as any', async () => {
    const [bob, spy] = [await app.person(), await app.person()]
    await tell({ userId: bob.userId })
    const [id] = idsOf(await listOf(bob)) as [string]
    for (const other of [id, newId(), 'x']) {
      const answers = [
        await spy.patch(`/notifications/${other}`, { read: true }),
        await spy.delete(`/notifications/${other}`),
      ]
      for (const { status, json } of answers) expect([status, json.code]).toEqual([404, 'not_found'])
    }
    expect((await bob.get('/notifications/unread-count')).json).toEqual({ unread_count: 1 })
  })

  it('comes in pages, by type too, and refuses what it does not know', async () => {
    const bob = await app.person()
    await tell(...Array.from({ length: 3 }, () => ({ userId: bob.userId })))
    await tell({ userId: bob.userId, type: 'system', data: { text: 'Closed on Sunday' } })
    const all = await listOf(bob)
    expect(all.data[0]).toMatchObject({ type: 'system', body: 'Closed on Sunday', actor: null })
    const first = await listOf(bob, '?limit=3')
    const second = await listOf(bob, `?limit=3&cursor=${first.page.next_cursor}`)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all))
    expect(second.page).toMatchObject({ has_more: false, next_cursor: null })
    expect((await listOf(bob, '?type=system')).data).toHaveLength(1)
    expect((await bob.get('/notifications?type=unheard')).status).toBe(422)
    expect((await bob.get('/notifications?cursor=x')).json.code).toBe('bad_cursor')
  })

  it('twenty at once mark each one once', async () => {
    const bob = await app.person()
    await tell(...Array.from({ length: 10 }, () => ({ userId: bob.userId })))
    const answers = await Promise.all(Array.from({ length: 20 }, () => bob.post('/notifications/mark-as-read')))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const { events } = (await bob.post('/sync', { streams: { [`user:${bob.userId}`]: 10 } })).json
    expect(events.flatMap(({ data }: { data: { ids: string[] } }) => data.ids)).toHaveLength(10)
  })
})
