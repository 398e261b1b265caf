import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const ask = (from: Visitor, to: Visitor) => from.post('/friend-requests', { username: to.username })
const befriend = async (a: Visitor, b: Visitor) => {
  const { json } = await ask(a, b)
  await b.post(`/friend-requests/${json.id}/accept`)
}
const friendsOf = async (person: Visitor) =>
  (await person.get('/friends')).json.data.map((friend: { user: { username: string } }) => friend.user.username)
const two = async () => [await app.person(), await app.person()] as const

describe('C04: a friend request', () => {
  it('is asked, seen by both, counted, and accepted', async () => {
    const [ann, bob] = await two()
    const asked = await ask(ann, bob)
    expect(asked.status).toBe(201)
    expect(asked.json).toMatchObject({ direction: 'outgoing', status: 'pending', user: { username: bob.username } })
    expect((await bob.get('/friend-requests')).json.data).toMatchObject([
      { id: asked.json.id, direction: 'incoming', user: { id: ann.userId } },
    ])
    expect((await ann.get('/friend-requests?direction=outgoing')).json.data).toHaveLength(1)
    expect((await ann.get('/friend-requests')).json.data).toEqual([])
    expect((await bob.get('/friend-requests/count')).json).toEqual({ incoming: 1, outgoing: 0 })

    const accepted = await bob.post(`/friend-requests/${asked.json.id}/accept`)
    expect(accepted.status).toBe(200)
    expect(accepted.json).toMatchObject({
      ...{ user: { id: ann.userId }, conversation_id: null, last_message: null, unread_count: 0 },
    })
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([[bob.username], [ann.username]])
    expect((await bob.get('/friend-requests/count')).json).toEqual({ incoming: 0, outgoing: 0 })
    expect(outcome(await ask(ann, bob))).toEqual([409, 'already_friends'])
    expect(outcome(await bob.post(`/friend-requests/${asked.json.id}/accept`))).toEqual([409, 'state_conflict'])
  })

  it('C04: is a notification to who is asked, and its answer one to who asked', async () => {
    const [ann, bob] = await two()
    const { id } = (await ask(ann, bob)).json
    const target = { type: 'friend_request', id }
    expect((await bob.get('/notifications')).json.data).toMatchObject([{ type: 'friend_request', target }])
    await bob.post(`/friend-requests/${id}/accept`)
    expect((await ann.get('/notifications')).json.data).toMatchObject([{ type: 'friend_accepted', target }])
  })

  it('is refused where it makes no sense', async () => {
    const [ann, bob] = await two()
    expect(outcome(await ask(ann, ann))).toEqual([422, 'self_reference'])
    expect(outcome(await ann.post('/friend-requests', { username: 'nobody-of-this-name' }))).toEqual([404, 'not_found'])
    await ask(ann, bob)
    expect(outcome(await ask(ann, bob))).toEqual([409, 'request_exists'])
    expect((await ann.post('/friend-requests', { username: `@${bob.username}` })).json.code).toBe('request_exists')
    expect((await ann.post('/friend-requests', { user_id: bob.userId })).status).toBe(422)
  })

  it('can be declined by one and taken back by the other, and asked again', async () => {
    const [ann, bob] = await two()
    const first = (await ask(ann, bob)).json.id
    expect((await bob.post(`/friend-requests/${first}/decline`)).status).toBe(204)
    expect(outcome(await bob.post(`/friend-requests/${first}/accept`))).toEqual([409, 'state_conflict'])
    const second = (await ask(ann, bob)).json.id
    expect((await ann.delete(`/friend-requests/${second}`)).status).toBe(204)
    expect(outcome(await ann.delete(`/friend-requests/${second}`))).toEqual([409, 'state_conflict'])
    expect((await ask(ann, bob)).status).toBe(201)
    expect(await friendsOf(ann)).toEqual([])
  })

  it('AZ2: of others is as one that never was', async () => {
    const [ann, bob] = await two()
    const eve = await app.person()
    const { id } = (await ask(ann, bob)).json
    const missing = await eve.post(`/friend-requests/${eve.userId}/accept`)
    for (const [who, act] of [
      [eve, 'accept'],
      [eve, 'decline'],
      [ann, 'accept'],
    ] as const) {
      const answer = await who.post(`/friend-requests/${id}/${act}`)
      expect([outcome(answer), answer.json.detail]).toEqual([[404, 'not_found'], missing.json.detail])
    }
    for (const who of [eve, bob])
      expect(outcome(await who.delete(`/friend-requests/${id}`))).toEqual([404, 'not_found'])
    expect((await bob.get('/friend-requests')).json.data).toHaveLength(1)
  })

  it('that crosses another makes a friendship', async () => {
    const [ann, bob] = await two()
    await ask(ann, bob)
    expect((await ask(bob, ann)).json).toMatchObject({ status: 'accepted', direction: 'incoming' })
    expect(await friendsOf(ann)).toEqual([bob.username])
  })

  it('M55: of twenty that cross at once, one friendship comes', async () => {
    const [ann, bob] = await two()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? ask(ann, bob) : ask(bob, ann))),
    )
    const accepted = answers.filter(({ json }) => json.status === 'accepted')
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(accepted).toHaveLength(1)
    expect(new Set(answers.map(({ json, status }) => json.code ?? status))).toEqual(
      new Set(
        [201, 'request_exists', 'already_friends'].filter((word) =>
          answers.some(({ json, status }) => (json.code ?? status) === word),
        ),
      ),
    )
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([[bob.username], [ann.username]])
    const rows = await app.database.db
      .selectFrom('friendships')
      .selectAll()
      .where('user_id', 'in', [ann.userId, bob.userId])
      .execute()
    expect(rows).toHaveLength(2)
    expect((await ann.get('/friend-requests/count')).json).toEqual({ incoming: 0, outgoing: 0 })
  })

  it('and its answer at once: accepted or taken back, never both', async () => {
    const [ann, bob] = await two()
    const { id } = (await ask(ann, bob)).json
    const [accepted, withdrawn] = await Promise.all([
      bob.post(`/friend-requests/${id}/accept`),
      ann.delete(`/friend-requests/${id}`),
    ])
    expect([accepted.status, withdrawn.status].sort()).toEqual(accepted.status === 200 ? [200, 409] : [204, 409])
    expect(await friendsOf(ann)).toEqual(accepted.status === 200 ? [bob.username] : [])
  })

  it('comes in pages', async () => {
    const bob = await app.person()
    const names: string[] = []
    for (let index = 0; index < 3; index++) {
      const person = await app.person()
      names.unshift(person.username)
      await ask(person, bob)
    }
    const first = (await bob.get('/friend-requests?limit=2')).json
    const second = (await bob.get(`/friend-requests?limit=2&cursor=${first.page.next_cursor}`)).json
    const users = [...first.data, ...second.data].map(({ user }: { user: { username: string } }) => user.username)
    expect([users, second.page.has_more]).toEqual([names, false])
    const other = await bob.get(`/friend-requests?direction=outgoing&cursor=${first.page.next_cursor}`)
    expect(outcome(other)).toEqual([400, 'bad_cursor'])
  })

  it('is limited', async () => {
    const own = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
    const person = await own.person()
    let last: Answer | undefined
    for (let index = 0; index < 31; index++) last = await person.post('/friend-requests', { username: 'nobody-at-all' })
    expect(outcome(last as Answer)).toEqual([429, 'rate_limited'])
    await own.drop()
  })
})

describe('C04: friends', () => {
  it('come with unread messages first, then the newest, in pages', async () => {
    const me = await app.person()
    const [quiet, talked, unread] = [await app.person(), await app.person(), await app.person()]
    for (const friend of [quiet, talked, unread]) await befriend(friend, me)
    const say = async (from: Visitor, to: Visitor, text: string) =>
      from.post(`/conversations/${await app.conversation(from, to)}/messages`, {
        client_id: text.replaceAll(' ', '-'),
        text,
      })
    await say(unread, me, 'are you there?')
    await say(me, talked, 'good night')
    const { data } = (await me.get('/friends')).json
    expect(data.map(({ user }: { user: { username: string } }) => user.username)).toEqual([
      ...[unread.username, talked.username, quiet.username],
    ])
    expect(data[0]).toMatchObject({ unread_count: 1, last_message: { text: 'are you there?' } })
    expect(data[0].conversation_id).toBe(await app.conversation(me, unread))
    expect(data[1]).toMatchObject({ unread_count: 0, last_message: { text: 'good night' } })
    expect(data[2]).toMatchObject({ unread_count: 0, last_message: null, conversation_id: null })
    const first = (await me.get('/friends?limit=2')).json
    const second = (await me.get(`/friends?limit=2&cursor=${first.page.next_cursor}`)).json
    expect([...first.data, ...second.data]).toEqual(data)
  })

  it('are so no longer when one says so; who is none is not found', async () => {
    const [ann, bob] = await two()
    await befriend(ann, bob)
    expect((await bob.delete(`/friends/@${ann.username}`)).status).toBe(204)
    expect([await friendsOf(ann), await friendsOf(bob)]).toEqual([[], []])
    expect(outcome(await ann.delete(`/friends/${bob.userId}`))).toEqual([404, 'not_found'])
    expect(outcome(await ann.delete(`/friends/${ann.userId}`))).toEqual([404, 'not_found'])
    expect(outcome(await ann.delete('/friends/nobody'))).toEqual([404, 'not_found'])
  })

  it('hear of it live, both of them', async () => {
    const [ann, bob] = await two()
    const [a, b] = [await connect(app, ann), await connect(app, bob)]
    const { id } = (await ask(ann, bob)).json
    expect((await b.hears('friend_request.created')).data).toMatchObject({
      id,
      direction: 'incoming',
      user: { id: ann.userId },
    })
    expect((await a.hears('friend_request.created')).data).toMatchObject({
      id,
      direction: 'outgoing',
      user: { id: bob.userId },
    })
    await bob.post(`/friend-requests/${id}/accept`)
    for (const live of [a, b])
      expect((await live.hears('friend_request.accepted')).data).toMatchObject({ id, status: 'accepted' })
    await ann.delete(`/friends/${bob.userId}`)
    expect((await b.hears('friend.removed')).data).toMatchObject({ user_id: ann.userId })
    expect((await a.hears('friend.removed')).data).toMatchObject({ user_id: bob.userId })
    const again = (await ask(ann, bob)).json.id
    await bob.post(`/friend-requests/${again}/decline`)
    const cyd = await app.person()
    await cyd.post(`/friend-requests/${(await ask(ann, cyd)).json.id}/accept`)
    await app.services.erasure.erase(cyd.userId)
    const told = async () => a.heard.filter(({ type }) => type === 'friend.removed').at(-1)?.data
    await expect.poll(told).toMatchObject({ user_id: cyd.userId, user: { id: cyd.userId } })
    expect((await a.hears('friend_request.declined')).data).toMatchObject({ id: again, status: 'declined' })
    a.close()
    b.close()
  })

  it('go with the account, and what was asked with it', async () => {
    const [ann, bob] = await two()
    const carl = await app.person()
    await befriend(ann, bob)
    await ask(carl, ann)
    await ann.put(`/blocks/@${(await app.person()).username}`)
    await app.services.erasure.erase(ann.userId)
    expect(await friendsOf(bob)).toEqual([])
    expect((await carl.get('/friend-requests/count')).json.outgoing).toBe(0)
    for (const [table, columns] of [
      ['friendships', ['user_id', 'friend_id']],
      ['friend_requests', ['from_id', 'to_id']],
      ['blocks', ['blocker_id', 'blocked_id']],
    ] as const) {
      const rows = (await app.database.db.selectFrom(table).selectAll().execute()) as Record<string, unknown>[]
      expect(rows.filter((row) => columns.some((column) => row[column] === ann.userId))).toEqual([])
    }
  })

  it('old answers are forgotten after 30 days, open requests stay', async () => {
    const own = await createTestApp()
    const [ann, bob, carl] = [await own.person(), await own.person(), await own.person()]
    const { id } = (await ask(ann, bob)).json
    await bob.post(`/friend-requests/${id}/decline`)
    await ask(carl, bob)
    expect(await own.services.friendRequests.purge()).toBe(0)
    own.advance(30 * 86_400 + 1)
    expect(await own.services.friendRequests.purge()).toBe(1)
    const rows = await own.database.db.selectFrom('friend_requests').select('from_id').execute()
    expect(rows).toEqual([{ from_id: carl.userId }])
    await own.drop()
  })
})
