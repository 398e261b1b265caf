import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginGroup, outcome, say } from '../../../test/groups.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const people = (count: number) => Promise.all(Array.from({ length: count }, () => app.person()))
const eventsOf = async (stream: string) => {
  const rows = await app.database.db
    .selectFrom('events')
    .select(['seq', 'type', 'refs'])
    .where('stream_id', '=', stream)
    .orderBy('seq')
    .execute()
  return rows.map((row) => ({ ...row, refs: JSON.parse(row.refs) }))
}
const membersOf = async (who: Visitor, id: string) => {
  const { data } = (await who.get(`/conversations/${id}/members?limit=100`)).json
  return Object.fromEntries(data.map((row: { user: { id: string }; role: string }) => [row.user.id, row.role]))
}
const missing = '0192f6d0-0000-7000-8000-000000000000'

describe('beginning a group or channel', () => {
  it('makes its creator the owner and tells each member once', async () => {
    const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
    const answer = await ann.post('/conversations', {
      kind: 'group',
      title: 'Harbour',
      description: 'Boats',
      member_ids: [bob.userId, cleo.userId, ann.userId],
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe(`/api/v1/conversations/${answer.json.id}`)
    expect(answer.json).toMatchObject({
      ...{ kind: 'group', title: 'Harbour', description: 'Boats', public: false, history_open: true },
      ...{ posting: 'members', member_count: 3, my_role: 'owner', version: 1, unread_count: 0 },
    })
    expect(await membersOf(bob, answer.json.id)).toEqual({
      [ann.userId]: 'owner',
      [bob.userId]: 'member',
      [cleo.userId]: 'member',
    })
    for (const person of [bob, cleo]) {
      const events = await eventsOf(`user:${person.userId}`)
      expect(events.map(({ type }) => type)).toEqual(['conversation.created', 'notification.created'])
      expect(events[0]?.refs).toEqual({ conversation_id: answer.json.id, user_id: person.userId, from: 0 })
    }
    expect((await eventsOf(`user:${ann.userId}`)).map(({ type }) => type)).toEqual(['conversation.created'])
    const [notice] = (await bob.get('/notifications')).json.data
    expect(notice).toMatchObject({ type: 'conversation_invite', actor: { id: ann.userId } })
    expect((await say(cleo, answer.json.id)).status).toBe(201)
  })

  it.each([
    [{ kind: 'group' }, 422, 'validation_failed'],
    [{ kind: 'group', title: ' ' }, 422, 'validation_failed'],
    [{ kind: 'group', title: 'x', public: true }, 422, 'validation_failed'],
    [{ kind: 'group', title: 'x', username: 'somebody' }, 422, 'validation_failed'],
    [{ kind: 'group', title: 'x', member_ids: ['nobody'] }, 422, 'validation_failed'],
    [{ kind: 'group', title: 'x', member_ids: [missing] }, 404, 'not_found'],
    [{ kind: 'channel', title: 'x', colour: 'red' }, 422, 'unknown_field'],
  ])('refuses %j', async (body, status, code) => {
    const ann = await app.person()
    const answer = await ann.post('/conversations', body)
    expect(outcome(answer)).toEqual([status, code])
    if (status === 404) expect(answer.json.user_ids).toEqual([missing])
  })
})

describe('changing a conversation', () => {
  it('is for its administrators where all share it, with the version in If-Match', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    expect(outcome(await bob.patch(`/conversations/${id}`, { title: 'Mine' }))).toEqual([403, 'forbidden'])
    const changed = await ann.patch(`/conversations/${id}`, { title: 'Quay' }, { 'if-match': '"v1"' })
    expect([changed.status, changed.json.title, changed.json.version, changed.headers.etag]).toEqual([
      ...[200, 'Quay', 2],
      '"v2"',
    ])
    const stale = await ann.patch(`/conversations/${id}`, { title: 'Pier' }, { 'if-match': '"v1"' })
    expect(outcome(stale)).toEqual([412, 'precondition_failed'])
    expect((await bob.get(`/conversations/${id}`)).headers.etag).toBe('"v2"')
    expect(await eventsOf(`conversation:${id}`)).toEqual([
      { seq: 1, type: 'conversation.updated', refs: { conversation_id: id } },
    ])
    expect(outcome(await ann.patch(`/conversations/${id}`, { public: true }))).toEqual([422, 'validation_failed'])
    expect(outcome(await ann.patch(`/conversations/${id}`, {}))).toEqual([422, 'validation_failed'])
    const direct = await app.conversation(ann, bob)
    expect(outcome(await ann.patch(`/conversations/${direct}`, { title: 'Us' }))).toEqual([409, 'state_conflict'])
  })

  it('gives every member a view of their own, told to their own devices', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    const view = { muted_until: '2030-01-01T01:00:00+01:00', pinned: true, archived: true }
    const answer = await bob.patch(`/conversations/${id}`, view)
    expect(answer.json).toMatchObject({ ...view, muted_until: '2030-01-01T00:00:00.000Z', version: 1 })
    expect((await ann.get(`/conversations/${id}`)).json).toMatchObject({ muted_until: null, pinned: false })
    expect((await bob.get('/conversations')).json.data).toEqual([])
    expect((await bob.get('/conversations?archived=true&pinned=true')).json.data).toHaveLength(1)
    expect((await eventsOf(`user:${bob.userId}`)).at(-1)).toMatchObject({
      type: 'conversation.updated',
      refs: { conversation_id: id, user_id: bob.userId },
    })
    const back = { muted_until: null, pinned: false, archived: false }
    expect((await bob.patch(`/conversations/${id}`, back)).json).toMatchObject(back)
    expect((await bob.patch(`/conversations/${id}`, { muted_until: 'tomorrow' })).status).toBe(422)
  })

  it('brings a direct conversation back from the archive with its next message', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await app.conversation(ann, bob)
    await bob.patch(`/conversations/${id}`, { archived: true })
    await say(ann, id)
    expect((await bob.get(`/conversations/${id}`)).json).toMatchObject({ archived: false, unread_count: 1 })
  })
})

describe('members', () => {
  it('come, change their role and go, each told in the conversation and to the person', async () => {
    const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    await say(bob, id, 'before')
    const added = await ann.post(`/conversations/${id}/members`, { user_id: cleo.userId })
    expect([added.status, added.json]).toEqual([
      201,
      { user: expect.objectContaining({ id: cleo.userId }), role: 'member', joined_at: expect.any(String) },
    ])
    expect(await eventsOf(`user:${cleo.userId}`)).toMatchObject([
      { type: 'conversation.created', refs: { conversation_id: id, user_id: cleo.userId, from: 1 } },
      { type: 'notification.created' },
    ])
    const mine = (await cleo.get(`/conversations/${id}`)).json
    expect(mine).toMatchObject({ member_count: 3, unread_count: 0, last_read_seq: 1, last_message: { text: 'before' } })
    const role = await ann.patch(`/conversations/${id}/members/${cleo.userId}`, { role: 'admin' })
    expect(role.json.role).toBe('admin')
    expect((await cleo.delete(`/conversations/${id}/members/${bob.userId}`)).status).toBe(204)
    expect((await cleo.delete(`/conversations/${id}/members/${cleo.userId}`)).status).toBe(204)
    expect((await eventsOf(`conversation:${id}`)).map(({ type, refs }) => [type, refs.action, refs.by])).toEqual([
      ['message.created', undefined, undefined],
      ['conversation.member', 'added', ann.userId],
      ['conversation.member', 'role', ann.userId],
      ['conversation.member', 'removed', cleo.userId],
      ['conversation.member', 'left', cleo.userId],
    ])
    expect((await eventsOf(`user:${bob.userId}`)).at(-1)).toMatchObject({ type: 'conversation.removed' })
    expect((await ann.get(`/conversations/${id}`)).json.member_count).toBe(1)
    expect((await bob.get(`/conversations/${id}`)).status).toBe(404)
  })

  it('are listed in pages', async () => {
    const [ann, ...others] = (await people(5)) as [Visitor, ...Visitor[]]
    const id = await beginGroup(ann, others)
    const first = (await ann.get(`/conversations/${id}/members?limit=3`)).json
    const second = (await ann.get(`/conversations/${id}/members?limit=3&cursor=${first.page.next_cursor}`)).json
    const ids = [...first.data, ...second.data].map((row) => row.user.id)
    expect(ids).toEqual([ann, ...others].map(({ userId }) => userId).sort())
    expect([first.page.has_more, second.page.has_more]).toEqual([true, false])
  })

  it('have a role, and nobody acts on a peer or superior', async () => {
    const [ann, bob, cleo, dan, eve] = (await people(5)) as [Visitor, Visitor, Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [bob, cleo, dan])
    const give = (who: Visitor, whom: Visitor, role: string) =>
      who.patch(`/conversations/${id}/members/${whom.userId}`, { role })
    const remove = (who: Visitor, whom: Visitor) => who.delete(`/conversations/${id}/members/${whom.userId}`)
    await give(ann, bob, 'admin')
    await give(ann, cleo, 'admin')
    const refused = [
      await give(bob, cleo, 'member'),
      await give(bob, ann, 'member'),
      await give(bob, dan, 'admin'),
      await give(bob, bob, 'owner'),
      await give(dan, dan, 'admin'),
      await remove(bob, cleo),
      await remove(bob, ann),
      await remove(dan, bob),
      await dan.post(`/conversations/${id}/members`, { user_id: eve.userId }),
      await bob.post(`/conversations/${id}/members`, { user_id: eve.userId, role: 'admin' }),
    ]
    expect(refused.map(outcome)).toEqual(Array(10).fill([403, 'forbidden']))
    expect(outcome(await give(ann, eve, 'admin'))).toEqual([404, 'not_found'])
    expect(outcome(await give(eve, ann, 'member'))).toEqual([404, 'not_found'])
    expect(outcome(await give(ann, ann, 'member'))).toEqual([409, 'state_conflict'])
    expect((await give(ann, bob, 'owner')).status).toBe(200)
    expect(outcome(await remove(ann, bob))).toEqual([403, 'forbidden'])
    expect((await give(cleo, cleo, 'member')).status).toBe(200)
    expect((await give(ann, ann, 'member')).status).toBe(200)
    expect(await membersOf(bob, id)).toMatchObject({ [ann.userId]: 'member', [bob.userId]: 'owner' })
    expect(outcome(await bob.post(`/conversations/${id}/members`, { user_id: ann.userId }))).toEqual([
      ...[409, 'already_exists'],
    ])
    const direct = await app.conversation(ann, bob)
    expect(outcome(await ann.post(`/conversations/${direct}/members`, { user_id: eve.userId }))).toEqual([
      ...[409, 'state_conflict'],
    ])
  })

  it('who are banned stay out until the ban is lifted', async () => {
    const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [bob], { kind: 'channel', public: true })
    const { code } = (await ann.post(`/conversations/${id}/invites`, {})).json
    expect((await ann.delete(`/conversations/${id}/members/${bob.userId}?ban=true`)).status).toBe(204)
    expect((await ann.delete(`/conversations/${id}/members/${cleo.userId}?ban=true`)).status).toBe(204)
    expect((await ann.get(`/conversations/${id}/bans`)).json.data).toEqual(
      [bob.userId, cleo.userId].sort().map((userId) => ({
        user: expect.objectContaining({ id: userId }),
        banned_by: ann.userId,
        created_at: expect.any(String),
      })),
    )
    expect(outcome(await bob.post(`/invites/${code}/join`))).toEqual([410, 'gone'])
    expect(outcome(await bob.get(`/invites/${code}`))).toEqual([410, 'gone'])
    expect(outcome(await bob.post(`/conversations/${id}/join`))).toEqual([403, 'forbidden'])
    expect(outcome(await ann.post(`/conversations/${id}/members`, { user_id: bob.userId }))).toEqual([
      ...[409, 'state_conflict'],
    ])
    expect((await ann.delete(`/conversations/${id}/bans/${bob.userId}`)).status).toBe(204)
    expect((await ann.delete(`/conversations/${id}/bans/${bob.userId}`)).status).toBe(404)
    expect((await bob.post(`/conversations/${id}/join`)).status).toBe(200)
    expect(outcome(await bob.get(`/conversations/${id}/bans`))).toEqual([403, 'forbidden'])
  })
})

describe('leaving', () => {
  it('is not for the last owner while others remain; the last member locks up', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    expect(outcome(await ann.delete(`/conversations/${id}`))).toEqual([409, 'state_conflict'])
    expect((await bob.delete(`/conversations/${id}`)).status).toBe(204)
    expect((await ann.delete(`/conversations/${id}`)).status).toBe(204)
    expect((await ann.get(`/conversations/${id}`)).status).toBe(404)
    expect((await eventsOf(`conversation:${id}`)).map(({ type }) => type)).toEqual([
      'conversation.member',
      'conversation.removed',
    ])
  })

  it('puts a direct conversation away, emptied for oneself only', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await app.conversation(ann, bob)
    await say(ann, id, 'old')
    expect((await bob.delete(`/conversations/${id}`)).status).toBe(204)
    expect((await bob.get('/conversations')).json.data).toEqual([])
    expect((await bob.get(`/conversations/${id}`)).json).toMatchObject({ last_message: null, unread_count: 0 })
    expect((await ann.get(`/conversations/${id}/messages`)).json.data).toHaveLength(1)
    await say(ann, id, 'new')
    expect((await bob.get(`/conversations/${id}/messages`)).json.data).toMatchObject([{ text: 'new' }])
    expect((await bob.get('/conversations')).json.data).toMatchObject([{ id, unread_count: 1 }])
    expect(outcome(await bob.delete(`/conversations/${id}?for=everyone`))).toEqual([403, 'forbidden'])
  })

  it('for everyone is the owner’s, ends it for all, and leaves nothing behind', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    for (let i = 0; i < 3; i++) await say(bob, id, 'anchors and ropes')
    await ann.post(`/conversations/${id}/invites`, {})
    expect(outcome(await bob.delete(`/conversations/${id}?for=everyone`))).toEqual([403, 'forbidden'])
    expect((await ann.delete(`/conversations/${id}?for=everyone`)).status).toBe(204)
    for (const person of [ann, bob]) {
      expect((await person.get(`/conversations/${id}`)).status).toBe(404)
      expect((await person.get('/search/messages?q=anchors')).json.data).toEqual([])
      const { removed } = (await person.post('/sync', { streams: { [`conversation:${id}`]: 3 } })).json
      expect(removed).toEqual([`conversation:${id}`])
    }
    const { departures } = app.services.messaging
    const { db } = app.database
    await departures.purge()
    expect(await db.selectFrom('messages').select('id').where('conversation_id', '=', id).execute()).toHaveLength(3)
    app.advance(61)
    expect(await departures.purge()).toBeGreaterThan(0)
    for (const table of ['messages', 'conversation_invites'] as const) {
      expect(await db.selectFrom(table).select('id').where('conversation_id', '=', id).execute()).toEqual([])
    }
    expect(await db.selectFrom('conversations').select('id').where('id', '=', id).execute()).toEqual([])
    expect(await eventsOf(`conversation:${id}`)).toEqual([])
    const kept = await db
      .selectFrom('message_search')
      .leftJoin('messages', 'messages.id', 'message_search.message_id')
      .select('message_search.message_id')
      .where('messages.id', 'is', null)
      .execute()
    expect(kept).toEqual([])
  })
})
