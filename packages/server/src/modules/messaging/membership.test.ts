import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginGroup, countMembers, outcome, say } from '../../../test/groups.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const people = (count: number) => Promise.all(Array.from({ length: count }, () => app.person()))

describe('who may be brought in', () => {
  it('is nobody who wants no messages, and nobody behind a block; they are named', async () => {
    const [ann, shy, friendly, blocker, bob] = (await people(5)) as [Visitor, Visitor, Visitor, Visitor, Visitor]
    await shy.patch('/users/me', { privacy_settings: { who_may_message: 'nobody' } })
    await friendly.patch('/users/me', { privacy_settings: { who_may_message: 'friends' } })
    await blocker.put(`/blocks/${ann.userId}`)
    const id = await beginGroup(ann, [bob])
    const bring = (...others: Visitor[]) =>
      ann.post('/conversations', { kind: 'group', title: 'x', member_ids: others.map(({ userId }) => userId) })
    const refused = await bring(bob, shy, friendly)
    expect(outcome(refused)).toEqual([403, 'messaging_not_allowed'])
    expect(refused.json.user_ids.sort()).toEqual([shy.userId, friendly.userId].sort())
    const hidden = await bring(bob, shy, blocker)
    expect([...outcome(hidden), hidden.json.user_ids]).toEqual([404, 'not_found', [blocker.userId]])
    const add = async (whom: string) => outcome(await ann.post(`/conversations/${id}/members`, { user_id: whom }))
    expect(await add(shy.userId)).toEqual([403, 'messaging_not_allowed'])
    expect(await add(friendly.userId)).toEqual([403, 'messaging_not_allowed'])
    expect(await add(blocker.userId)).toEqual([404, 'not_found'])
    expect(await add('0192f6d0-0000-7000-8000-000000000000')).toEqual([404, 'not_found'])
    const request = (await ann.post('/friend-requests', { username: friendly.username })).json
    await friendly.post(`/friend-requests/${request.id}/accept`)
    expect((await bring(friendly)).status).toBe(201)
  })
})

describe('members', () => {
  it('are found by how their name or display name begins, and nobody else is', async () => {
    const ann = await app.person('quay_ann')
    const [bob, cid, out] = [await app.person('quay_bob'), await app.person('mole_cid'), await app.person('quay_out')]
    await cid.patch('/users/me', { display_name: 'Quaint Cid' })
    const id = await beginGroup(ann, [bob, cid])
    const find = async (search: string, more = '') => {
      const { data, page } = (await ann.get(`/conversations/${id}/members?search=${search}${more}`)).json
      return { ids: data.map((row: { user: { id: string } }) => row.user.id), page }
    }
    expect((await find('%40QUA')).ids).toEqual([ann, bob, cid].map(({ userId }) => userId).sort())
    expect((await find('quay_')).ids).toEqual([ann, bob].map(({ userId }) => userId).sort())
    expect((await find('%25')).ids).toEqual([])
    expect((await find('%20')).ids).toHaveLength(3)
    const first = await find('qua', '&limit=2')
    expect([...first.ids, ...(await find('qua', `&limit=2&cursor=${first.page.next_cursor}`)).ids]).toHaveLength(3)
    expect((await out.get(`/conversations/${id}/members?search=quay`)).status).toBe(404)
  })
})

describe('at the same moment', () => {
  it('two owners leave: one stays', async () => {
    for (let round = 0; round < 3; round++) {
      const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
      const id = await beginGroup(ann, [bob, cleo])
      await ann.patch(`/conversations/${id}/members/${bob.userId}`, { role: 'owner' })
      const answers = await Promise.all([ann, bob].map((owner) => owner.delete(`/conversations/${id}`)))
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
      expect(await countMembers(app, id)).toEqual({ member_count: 2, members: 2, owners: 1 })
    }
  })

  it('two owners step down: one stays', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    await ann.patch(`/conversations/${id}/members/${bob.userId}`, { role: 'owner' })
    const answers = await Promise.all(
      [ann, bob].map((owner) => owner.patch(`/conversations/${id}/members/${owner.userId}`, { role: 'member' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect((await countMembers(app, id)).owners).toBe(1)
  })

  it('somebody is added and removed, again and again: the count is right', async () => {
    const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    await ann.patch(`/conversations/${id}/members/${bob.userId}`, { role: 'admin' })
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        i % 2 === 0
          ? ann.post(`/conversations/${id}/members`, { user_id: cleo.userId })
          : bob.delete(`/conversations/${id}/members/${cleo.userId}`),
      ),
    )
    expect(answers.filter(({ status }) => ![201, 204, 404, 409].includes(status)).map(({ json }) => json)).toEqual([])
    const { member_count, members } = await countMembers(app, id)
    expect(member_count).toBe(members)
    const rows = await app.database.db
      .selectFrom('events')
      .select(['seq', 'refs'])
      .where('stream_id', '=', `conversation:${id}`)
      .orderBy('seq')
      .execute()
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1))
    const actions = rows.map(({ refs }) => JSON.parse(refs).action).filter((action) => action !== 'role')
    // In turns: nobody is added twice, or removed twice.
    expect(actions).toEqual(actions.map((_, i) => (i % 2 === 0 ? 'added' : 'removed')))
  })
})

describe('M35: who comes later, or comes back, sees what the conversation lets them see', () => {
  it('M35: nor what is quoted of it by what they may see', async () => {
    const [ann, bob, cyd] = (await people(3)) as [Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [cyd], { history_open: false })
    const secret = (await say(cyd, id, 'secret harbour')).json
    await ann.post(`/conversations/${id}/members`, { user_id: bob.userId })
    const stream = `conversation:${id}`
    const from = (await bob.post('/sync', { streams: {} })).json.heads[stream]
    const reply = (await say(ann, id, 'An answer', { reply_to: secret.id })).json
    expect(reply.reply_to.text).toBe('secret harbour')
    const told = (await bob.post('/sync', { streams: { [stream]: from }, only: true })).json
    expect(told.events[0].data).toMatchObject({ text: 'An answer', reply_to: { id: secret.id, text: '' } })
    const quoteFor = async (who: Visitor) => (await who.get(`/messages/${reply.id}`)).json.reply_to?.text
    expect(await Promise.all([ann, bob, cyd].map(quoteFor))).toEqual(['secret harbour', undefined, 'secret harbour'])
    for (const path of [`/conversations/${id}/messages`, `/conversations/${id}`, '/conversations']) {
      expect(JSON.stringify((await bob.get(path)).json)).not.toContain('secret')
    }
    // Nor what somebody has deleted for themselves, or whose author they have blocked.
    await cyd.delete(`/messages/${secret.id}?for=me`)
    await ann.put(`/blocks/${cyd.userId}`)
    expect(await Promise.all([ann, cyd].map(quoteFor))).toEqual([undefined, undefined])
    await say(cyd, id, 'the newest')
    expect((await ann.get(`/conversations/${id}`)).json.last_message).toBe(null)
    expect((await bob.get(`/conversations/${id}`)).json.last_message.text).toBe('the newest')
  })

  it('M35: a ban from a conversation, and its end, are in the audit log', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    expect((await ann.delete(`/conversations/${id}/members/${bob.userId}?ban=true`)).status).toBe(204)
    expect((await ann.delete(`/conversations/${id}/bans/${bob.userId}`)).status).toBe(204)
    const rows = await app.database.db
      .selectFrom('audit_events')
      .select(['type', 'actor_id', 'user_id'])
      .where('resource_id', '=', id)
      .orderBy('id')
      .execute()
    expect(rows).toEqual(
      ['conversation_ban_created', 'conversation_ban_removed'].map((type) => {
        return { type, actor_id: ann.userId, user_id: bob.userId }
      }),
    )
  })

  it('M35: with closed history nothing older, by any door', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob], { history_open: false })
    const secret = (await say(ann, id, 'secret harbour @all')).json
    await ann.put(`/conversations/${id}/pins/${secret.id}`)
    await bob.put(`/bookmarks/${secret.id}`)
    const reply = (await say(ann, id, 'secret answer', { reply_to: secret.id })).json
    const position = reply.seq
    await ann.delete(`/conversations/${id}/members/${bob.userId}`)
    await say(ann, id, 'secret while away')
    await ann.post(`/conversations/${id}/members`, { user_id: bob.userId })

    const stream = `conversation:${id}`
    const synced = (await bob.post('/sync', { streams: { [stream]: position }, only: true })).json
    expect(synced).toMatchObject({ reset: [stream], events: [] })
    const view = (await bob.get(`/conversations/${id}`)).json
    expect(view).toMatchObject({ last_message: null, unread_count: 0, mention_count: 0 })
    for (const query of ['', '?after=0', '?before=999', `?around=${secret.seq}`, `?thread=${secret.id}`]) {
      expect([query, (await bob.get(`/conversations/${id}/messages${query}`)).json.data]).toEqual([query, []])
    }
    const at = encodeURIComponent(secret.created_at)
    expect((await bob.get(`/conversations/${id}/messages?at=${at}`)).json.data).toEqual([])
    expect((await bob.get(`/conversations/${id}/pins`)).json.data).toEqual([])
    expect((await bob.get('/bookmarks')).json.data).toEqual([])
    expect((await bob.get('/search/messages?q=secret')).json.data).toEqual([])
    for (const answer of [
      await bob.get(`/messages/${secret.id}`),
      await bob.get(`/messages/${secret.id}/history`),
      await bob.put(`/messages/${secret.id}/reactions/${encodeURIComponent('👍')}`),
      await bob.put(`/bookmarks/${secret.id}`),
      await bob.delete(`/messages/${secret.id}?for=me`),
    ]) {
      expect(answer.status).toBe(404)
    }
    expect((await say(bob, id, 'x', { reply_to: secret.id })).status).toBe(422)
    expect((await bob.put(`/conversations/${id}/unread`, { seq: 1 })).json.unread_count).toBe(0)

    // What changes an older message is not told either.
    const from = (await bob.post('/sync', { streams: {} })).json.heads[stream]
    await ann.patch(`/messages/${secret.id}`, { text: 'secret, edited' })
    await ann.put(`/messages/${secret.id}/reactions/${encodeURIComponent('👍')}`)
    const fresh = (await say(ann, id, 'for everybody')).json
    await ann.patch(`/messages/${fresh.id}`, { text: 'for everybody, edited' })
    const told = (await bob.post('/sync', { streams: { [stream]: from }, only: true })).json
    expect(told.events.map(({ type }: { type: string }) => type)).toEqual([
      ...['skipped', 'skipped'],
      ...['message.created', 'message.updated'],
    ])
    expect(JSON.stringify(told)).not.toContain('secret')
    expect((await bob.get(`/conversations/${id}/messages`)).json.data).toMatchObject([
      { text: 'for everybody, edited' },
    ])
    expect((await ann.post('/sync', { streams: { [stream]: from }, only: true })).json.events).toMatchObject([
      ...[{ type: 'message.updated' }, { type: 'message.reaction' }],
      ...[{ type: 'message.created' }, { type: 'message.updated' }],
    ])
  })

  it('with open history everything, counted as read', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [])
    await say(ann, id, 'one')
    await say(ann, id, 'two')
    await ann.post(`/conversations/${id}/members`, { user_id: bob.userId })
    const stream = `conversation:${id}`
    expect((await bob.get(`/conversations/${id}/messages`)).json.data).toHaveLength(2)
    expect((await bob.get(`/conversations/${id}`)).json).toMatchObject({ unread_count: 0, last_read_seq: 2 })
    expect((await bob.post('/sync', { streams: { [stream]: 1 }, only: true })).json.events).toHaveLength(2)
  })
})

describe('an account that is erased', () => {
  it('leaves everywhere, and the longest-standing administrator, else member, inherits', async () => {
    const [ann, bob, cleo, dan] = (await people(4)) as [Visitor, Visitor, Visitor, Visitor]
    const [plain, ruled, alone, guest] = [
      await beginGroup(ann, [bob]),
      await beginGroup(ann, [bob, cleo]),
      await beginGroup(ann, []),
      await beginGroup(dan, [ann]),
    ]
    const direct = await app.conversation(ann, bob)
    await say(ann, direct, 'still there')
    app.advance(1)
    await ann.post(`/conversations/${plain}/members`, { user_id: cleo.userId })
    await ann.patch(`/conversations/${ruled}/members/${cleo.userId}`, { role: 'admin' })
    const before = await app.events()
    await app.services.erasure.erase(ann.userId)
    const role = async (who: Visitor, id: string) => (await who.get(`/conversations/${id}`)).json
    expect(await role(bob, plain)).toMatchObject({ my_role: 'owner', member_count: 2 })
    expect(await role(cleo, plain)).toMatchObject({ my_role: 'member' })
    expect(await role(cleo, ruled)).toMatchObject({ my_role: 'owner', member_count: 2 })
    expect(await role(bob, ruled)).toMatchObject({ my_role: 'member' })
    expect(await role(dan, guest)).toMatchObject({ my_role: 'owner', member_count: 1 })
    const rows = app.database.db.selectFrom('conversations').select('deleted_at').where('id', '=', alone)
    expect((await rows.executeTakeFirstOrThrow()).deleted_at).not.toBe(null)
    const kept = (await bob.get(`/conversations/${direct}`)).json
    expect(kept).toMatchObject({ member_count: 1, members_preview: [{ id: ann.userId }] })
    expect(kept.members_preview[0].username).toMatch(/^deleted-/)
    expect((await bob.get(`/conversations/${direct}/messages`)).json.data).toMatchObject([{ text: 'still there' }])
    const left = await app.database.db
      .selectFrom('conversation_members')
      .select('conversation_id')
      .where('user_id', '=', ann.userId)
      .execute()
    expect(left).toEqual([])
    const news = (await app.events()).slice(before.length)
    expect(news.filter((type) => type === 'conversation.member')).toHaveLength(6)
  })
})
