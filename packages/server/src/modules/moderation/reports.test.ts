import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let moderator: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  moderator = await app.holderOf(['moderator'])
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const two = async () => [await app.person(), await app.person()] as const
const report = (who: Visitor, target_type: string, target_id: string, more: object = {}) =>
  who.post('/reports', { target_type, target_id, reason: 'harassment', ...more })
const say = async (from: Visitor, to: Visitor, text: string) => {
  const room = await app.conversation(from, to)
  return (await from.post(`/conversations/${room}/messages`, { client_id: `${Math.random()}`, text })).json
}

it('a message, a person and a conversation can be reported, and moderators see what it is about', async () => {
  const [ann, bob] = await two()
  const message = await say(bob, ann, 'nasty words')
  const made = await report(ann, 'message', message.id, { comment: 'please look' })
  expect(made.status).toBe(201)
  expect(made.json).toMatchObject({ status: 'open', target_id: message.id, comment: 'please look', version: 1 })
  expect(made.json).not.toHaveProperty('note')
  const seen = (await moderator.get(`/admin/reports/${made.json.id}`)).json
  expect(seen).toMatchObject({
    ...{ reporter: { id: ann.userId }, target_user: { id: bob.userId }, excerpt: 'nasty words', decided_by: null },
    conversation_id: message.conversation_id,
  })
  const others = [await report(ann, 'user', bob.userId), await report(ann, 'conversation', message.conversation_id)]
  expect(others.map(({ status }) => status)).toEqual([201, 201])
  const about = (await moderator.get(`/admin/reports?user_id=${bob.userId}&status=open`)).json.data
  expect(about.map(({ target_type }: { target_type: string }) => target_type)).toEqual(['user', 'message'])
})

it('the same again is the same report while it is open, also at once', async () => {
  const [ann, bob] = await two()
  const answers = await Promise.all(Array.from({ length: 5 }, () => report(ann, 'user', bob.userId)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
  expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
  await moderator.patch(`/admin/reports/${answers[0]?.json.id}`, { status: 'dismissed' })
  expect((await report(ann, 'user', bob.userId)).status).toBe(201)
})

it('AZ2: only what one can see can be reported; the rest is as what never was', async () => {
  const [ann, bob] = await two()
  const eve = await app.person()
  const message = await say(ann, bob, 'between the two of us')
  const nothing = outcome(await report(eve, 'message', eve.userId))
  expect(nothing).toEqual([404, 'not_found'])
  expect(outcome(await report(eve, 'message', message.id))).toEqual(nothing)
  expect(outcome(await report(eve, 'conversation', message.conversation_id))).toEqual(nothing)
  expect(outcome(await report(eve, 'user', message.id))).toEqual(nothing)
  expect(outcome(await report(ann, 'message', message.id))).toEqual([422, 'self_reference'])
  expect(outcome(await report(ann, 'user', ann.userId))).toEqual([422, 'self_reference'])
  for (const body of [{ target_type: 'room' }, { reason: 'boredom' }, { status: 'resolved' }, { target_id: 'x' }]) {
    expect((await report(ann, 'user', bob.userId, body)).status).toBe(422)
  }
})

it('nobody gets out of a report by blocking', async () => {
  const [ann, bob] = await two()
  const message = await say(bob, ann, 'and now you cannot answer')
  await bob.put(`/blocks/${ann.userId}`)
  expect((await report(ann, 'user', bob.userId)).status).toBe(201)
  await ann.put(`/blocks/${bob.userId}`)
  expect((await report(ann, 'message', message.id)).status).toBe(201)
})

it('moderators decide, by If-Match where they wish; the reporter is told', async () => {
  const [ann, bob] = await two()
  const { id } = (await report(ann, 'user', bob.userId)).json
  const path = `/admin/reports/${id}`
  for (const who of [ann, app.visitor()])
    expect((await who.patch(path, { status: 'resolved' })).status).toBeGreaterThan(400)
  const noted = await moderator.patch(path, { note: 'looking into it' }, { 'if-match': '"v1"' })
  expect(noted.json).toMatchObject({ status: 'open', note: 'looking into it', version: 2, decided_by: null })
  expect(outcome(await moderator.patch(path, { status: 'resolved' }, { 'if-match': '"v1"' }))).toEqual([
    ...[412, 'precondition_failed'],
  ])
  const decided = await moderator.patch(path, { status: 'resolved' })
  expect(decided.json).toMatchObject({
    status: 'resolved',
    decided_by: { id: moderator.userId },
    note: 'looking into it',
  })
  const notices = (await ann.get('/notifications')).json.data
  expect(notices.map(({ type }: { type: string }) => type)).toEqual(['report_resolved'])
  expect((await moderator.patch(path, { status: 'open' })).json).toMatchObject({ status: 'open', decided_at: null })
  await moderator.patch(path, { status: 'dismissed' })
  await report(ann, 'user', bob.userId)
  expect(outcome(await moderator.patch(path, { status: 'open' }))).toEqual([409, 'state_conflict'])
  expect(outcome(await moderator.get(`/admin/reports/${ann.userId}`))).toEqual([404, 'not_found'])
})

it('what moderators look at and decide is in the audit log, and the queue comes in pages', async () => {
  const [ann, bob] = await two()
  const carl = await app.person()
  for (const who of [ann, carl]) await report(who, 'user', bob.userId)
  const path = `/admin/reports?user_id=${bob.userId}&limit=1`
  const first = (await moderator.get(path)).json
  const second = (await moderator.get(`${path}&cursor=${first.page.next_cursor}`)).json
  const reporters = [...first.data, ...second.data].map(({ reporter }: { reporter: { id: string } }) => reporter.id)
  expect([reporters, second.page.has_more]).toEqual([[carl.userId, ann.userId], false])
  await moderator.patch(`/admin/reports/${first.data[0].id}`, { status: 'dismissed' })
  const admin = await app.holderOf(['admin'])
  const types = (await admin.get(`/admin/audit?actor_id=${moderator.userId}&limit=1000`)).json.data
  expect(types.map(({ event_type }: { event_type: string }) => event_type)).toEqual(
    expect.arrayContaining(['admin_read', 'report_updated']),
  )
})

it('moderators hear live that the queue changed, others do not', async () => {
  const [ann, bob] = await two()
  const [m, b] = [await connect(app, moderator), await connect(app, bob)]
  const { id } = (await report(ann, 'user', bob.userId)).json
  expect(await m.hears('moderation.changed', (change) => change.id === id)).toEqual({ what: 'report', id })
  await b.ask('ping')
  await expect(
    Promise.race([b.hears('moderation.changed').then(() => 'heard'), b.ask('ping').then(() => 'silence')]),
  ).resolves.toBe('silence')
  m.close()
  b.close()
})

it('what was kept of a message goes with its author, and a comment with who wrote it', async () => {
  const [ann, bob] = await two()
  const message = await say(bob, ann, 'will be gone')
  const { id } = (await report(ann, 'message', message.id, { comment: 'mine' })).json
  await app.services.erasure.erase(bob.userId)
  expect((await moderator.get(`/admin/reports/${id}`)).json).toMatchObject({ excerpt: null, comment: 'mine' })
  await app.services.erasure.erase(ann.userId)
  expect((await moderator.get(`/admin/reports/${id}`)).json).toMatchObject({ comment: null, status: 'open' })
})

it('is limited', async () => {
  const own = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
  const [ann, bob] = [await own.person(), await own.person()]
  let last: Answer | undefined
  for (let index = 0; index < 21; index++) last = await report(ann, 'user', bob.userId)
  expect(outcome(last as Answer)).toEqual([429, 'rate_limited'])
  await own.drop()
})

it('is forgotten long after it was decided, and not before that', async () => {
  const [ann, bob] = await two()
  const [open, decided] = [
    (await report(ann, 'user', bob.userId)).json.id,
    (await report(bob, 'user', ann.userId)).json.id,
  ]
  await moderator.patch(`/admin/reports/${decided}`, { status: 'resolved' })
  const known = async () => {
    const rows = await app.database.db.selectFrom('reports').select('id').where('id', 'in', [open, decided]).execute()
    return rows.map(({ id }) => id).sort()
  }
  await app.services.reportQueue.purge()
  expect(await known()).toEqual([open, decided].sort())
  app.advance(401 * 86_400)
  expect(await app.services.reportQueue.purge()).toBeGreaterThan(0)
  expect(await known()).toEqual([open])
})
