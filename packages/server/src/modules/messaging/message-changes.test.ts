import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
let bob: Visitor
let eve: Visitor
let room: string
beforeAll(async () => {
  app = await createTestApp({ MESSAGE_EDIT_MINUTES: '60' })
  ;[ann, bob, eve] = [await app.person('ann'), await app.person('bob'), await app.person('eve')]
  room = await app.conversation(ann, bob)
})
afterAll(() => app.drop())

let counter = 0
const send = async (who: Visitor, text: string, more: object = {}, into = room) => {
  const answer = await who.post(`/conversations/${into}/messages`, { text, client_id: `c${++counter}`, ...more })
  expect([answer.status, answer.json]).toEqual([201, expect.anything()])
  return answer.json
}
const eventsAfter = async (who: Visitor, stream: string, seq: number) => {
  const answer = await who.post('/sync', { streams: { [stream]: seq }, only: true })
  return answer.json.events.map((event: { type: string; data?: object }) => [event.type, event.data])
}
const stream = () => `conversation:${room}`

describe('replies', () => {
  it('quote what they answer, and count in the thread that it began', async () => {
    const first = await send(ann, 'Where shall we meet?')
    const reply = await send(bob, 'At the harbour', { reply_to: first.id })
    expect(reply).toMatchObject({ reply_to: { id: first.id, text: 'Where shall we meet?' }, thread_id: first.id })
    const second = await send(ann, 'When?', { reply_to: reply.id })
    expect(second).toMatchObject({ reply_to: { id: reply.id }, thread_id: first.id })
    expect((await bob.get(`/messages/${first.id}`)).json).toMatchObject({ reply_count: 2, version: 3 })
    const thread = (await bob.get(`/conversations/${room}/messages?thread=${first.id}`)).json.data
    expect(thread.map((each: { id: string }) => each.id)).toEqual([second.id, reply.id])
    const told = await eventsAfter(bob, stream(), second.seq - 1)
    expect(told.map(([type]: [string]) => type)).toEqual(['message.created', 'message.updated'])
  })

  it('answer nothing of another conversation, and nothing that is not there', async () => {
    const elsewhere = await app.conversation(ann, eve)
    const secret = await send(ann, 'for Eve alone', {}, elsewhere)
    for (const reply_to of [secret.id, '0192f6d0-0000-7000-8000-000000000000']) {
      const answer = await bob.post(`/conversations/${room}/messages`, { text: 'x', client_id: 'r', reply_to })
      expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, '/reply_to'])
    }
  })
})

describe('an edit', () => {
  it('changes the words, keeps the old ones, and is told with a higher version', async () => {
    const message = await send(ann, 'Teh harbour')
    const edited = await ann.patch(`/messages/${message.id}`, { text: 'The harbour' })
    expect(edited.json).toMatchObject({ text: 'The harbour', version: 2, edited_at: expect.any(String) })
    expect(await eventsAfter(bob, stream(), message.seq)).toEqual([
      ['message.updated', expect.objectContaining({ id: message.id, text: 'The harbour', version: 2 })],
    ])
    const history = (await bob.get(`/messages/${message.id}/history`)).json.data
    expect(history).toEqual([{ version: 1, text: 'Teh harbour', edited_at: edited.json.edited_at }])
    const same = await ann.patch(`/messages/${message.id}`, { text: 'The harbour' })
    expect(same.json.version).toBe(2)
  })

  it('is its author’s alone, and of no stranger’s knowing', async () => {
    const message = await send(ann, 'mine')
    expect((await bob.patch(`/messages/${message.id}`, { text: 'yours' })).status).toBe(403)
    for (const method of ['get', 'patch', 'delete'] as const) {
      const answer = await eve.send(
        method.toUpperCase() as 'GET',
        `/messages/${message.id}`,
        method === 'patch' ? { text: 'x' } : undefined,
      )
      expect([method, answer.status, answer.json.detail]).toEqual([method, 404, 'There is no such message'])
    }
    expect((await eve.get(`/messages/${message.id}/history`)).status).toBe(404)
  })

  it('is over after the time that the server gives', async () => {
    const message = await send(ann, 'old')
    app.advance(61 * 60)
    const late = await ann.patch(`/messages/${message.id}`, { text: 'new' })
    expect([late.status, late.json.code]).toEqual([403, 'edit_window_over'])
  })

  it('leaves a repeat of what was sent a repeat', async () => {
    const message = await send(ann, 'first words', { client_id: 'kept' })
    await ann.patch(`/messages/${message.id}`, { text: 'second words' })
    const again = await ann.post(`/conversations/${room}/messages`, { text: 'first words', client_id: 'kept' })
    expect([again.status, again.json]).toMatchObject([200, { id: message.id, deduplicated: true }])
    const other = await ann.post(`/conversations/${room}/messages`, { text: 'second words', client_id: 'kept' })
    expect(other.json.code).toBe('client_id_reused')
  })

  it('of twenty at once keeps every version', async () => {
    const message = await send(ann, 'v0')
    const texts = Array.from({ length: 20 }, (_, index) => `version ${index}`)
    await Promise.all(texts.map((text) => ann.patch(`/messages/${message.id}`, { text })))
    const history = (await ann.get(`/messages/${message.id}/history`)).json.data
    expect(history.map((each: { version: number }) => each.version)).toEqual(texts.map((_, index) => index + 1))
    expect((await ann.get(`/messages/${message.id}`)).json.version).toBe(21)
  })
})

describe('deleting', () => {
  it('for everyone leaves no word anywhere', async () => {
    const message = await send(ann, 'zanzibar one')
    await ann.patch(`/messages/${message.id}`, { text: 'zanzibar two' })
    await send(bob, 'what?', { reply_to: message.id })
    await bob.put(`/messages/${message.id}/reactions/👍`)
    expect((await bob.delete(`/messages/${message.id}`)).status).toBe(403)
    expect((await ann.delete(`/messages/${message.id}`)).status).toBe(204)
    expect((await ann.delete(`/messages/${message.id}`)).status).toBe(204)

    const { json } = await bob.get(`/conversations/${room}/messages?limit=2`)
    expect(json.data[0].reply_to).toMatchObject({ id: message.id, text: '', deleted_at: expect.any(String) })
    expect(json.data[1]).toMatchObject({ id: message.id, text: '', reactions: [], deleted_at: expect.any(String) })
    expect(JSON.stringify((await bob.post('/sync', { streams: { [stream()]: 0 }, limit: 500 })).json)).not.toContain(
      'zanzibar',
    )
    expect((await bob.get('/search/messages?q=zanzibar')).json.data).toEqual([])
    expect((await bob.get(`/messages/${message.id}/history`)).json.data).toEqual([])
    for (const answer of [
      await ann.patch(`/messages/${message.id}`, { text: 'back' }),
      await bob.put(`/messages/${message.id}/reactions/👍`),
      await bob.put(`/conversations/${room}/pins/${message.id}`),
    ]) {
      expect([answer.status, answer.json.code]).toEqual([410, 'message_deleted'])
    }
  })

  it('for me takes it from my sight alone, on all my devices', async () => {
    const message = await send(ann, 'quokka')
    const before = (await bob.post('/sync', { streams: {} })).json.heads
    expect((await bob.delete(`/messages/${message.id}?for=me`)).status).toBe(204)
    expect((await bob.delete(`/messages/${message.id}?for=me`)).status).toBe(404)
    const own = `user:${bob.userId}`
    expect(await eventsAfter(bob, own, before[own])).toEqual([
      ['message.deleted', expect.objectContaining({ id: message.id, text: '' })],
    ])
    expect(await eventsAfter(bob, stream(), message.seq - 1)).toEqual([['skipped', undefined]])
    expect((await bob.get(`/messages/${message.id}`)).status).toBe(404)
    expect((await bob.get(`/conversations/${room}`)).json.last_message).toBe(null)
    expect((await bob.get('/search/messages?q=quokka')).json.data).toEqual([])
    const listed = (await bob.get(`/conversations/${room}/messages`)).json.data
    expect(listed.some((each: { id: string }) => each.id === message.id)).toBe(false)
    expect((await ann.get(`/messages/${message.id}`)).json.text).toBe('quokka')
    expect(await eventsAfter(ann, stream(), message.seq - 1)).toEqual([
      ['message.created', expect.objectContaining({ text: 'quokka' })],
    ])
  })

  it('by a moderator needs the right and a reason, and is in the audit log', async () => {
    const message = await send(ann, 'insult')
    const [moderator, remove] = [await app.holderOf(['moderator']), `/admin/messages/${message.id}/remove`]
    expect((await bob.post(remove, { reason: 'rude' })).status).toBe(403)
    expect((await moderator.post(remove, {})).status).toBe(422)
    expect((await moderator.post(remove, { reason: 'rude' })).status).toBe(204)
    expect((await bob.get(`/messages/${message.id}`)).json).toMatchObject({ text: '', deleted_at: expect.any(String) })
    const audited = await app.database.db
      .selectFrom('audit_events')
      .select(['type', 'user_id', 'actor_id'])
      .where('type', '=', 'message_removed')
      .execute()
    expect(audited).toEqual([{ type: 'message_removed', user_id: ann.userId, actor_id: moderator.userId }])
  })
})

describe('reactions, pins and bookmarks', () => {
  it('a reaction counts once per person and emoji, and says which are mine', async () => {
    const message = await send(ann, 'party')
    const react = (who: Visitor, emoji: string) => who.put(`/messages/${message.id}/reactions/${emoji}`)
    await Promise.all(Array.from({ length: 20 }, () => react(bob, '🎉')))
    await react(ann, '🎉')
    const answer = await react(ann, '👩🏽‍🚀')
    expect(answer.json.reactions).toEqual([
      { emoji: '🎉', count: 2, mine: true },
      { emoji: '👩🏽‍🚀', count: 1, mine: true },
    ])
    const events = await eventsAfter(bob, stream(), message.seq)
    expect(events).toHaveLength(3)
    expect(events[2]).toEqual([
      'message.reaction',
      expect.objectContaining({ emoji: '👩🏽‍🚀', on: true, user_id: ann.userId, version: 4 }),
    ])
    expect(JSON.stringify(events)).not.toContain('mine')
    expect((await ann.delete(`/messages/${message.id}/reactions/🎉`)).status).toBe(204)
    const listed = (await bob.get(`/messages/${message.id}`)).json
    expect(listed.reactions[0]).toEqual({ emoji: '🎉', count: 1, mine: true })
    expect((await eve.put(`/messages/${message.id}/reactions/🎉`)).status).toBe(404)
  })

  it.each(['a', '👍👍', '<b>', '1', '%F0%9F%91%8D%20'])('%s is no emoji', async (emoji) => {
    const message = await send(ann, 'plain')
    const answer = await bob.put(`/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`)
    expect([answer.status, answer.json.errors?.[0].code]).toEqual([422, 'not_an_emoji'])
  })

  it('a pin is everyone’s, and unpinning takes it away', async () => {
    const message = await send(ann, 'the address')
    expect((await bob.put(`/conversations/${room}/pins/${message.id}`)).status).toBe(204)
    expect((await bob.put(`/conversations/${room}/pins/${message.id}`)).status).toBe(204)
    expect((await ann.get(`/conversations/${room}/pins`)).json.data).toEqual([
      expect.objectContaining({ id: message.id, pinned: true, version: 2 }),
    ])
    expect((await eve.get(`/conversations/${room}/pins`)).status).toBe(404)
    expect((await ann.delete(`/conversations/${room}/pins/${message.id}`)).status).toBe(204)
    expect((await ann.get(`/conversations/${room}/pins`)).json.data).toEqual([])
  })

  it('a bookmark is one’s own', async () => {
    const message = await send(ann, 'keep me')
    const answers = await Promise.all(Array.from({ length: 20 }, () => bob.put(`/bookmarks/${message.id}`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    expect((await bob.get('/bookmarks')).json.data.map((each: { id: string }) => each.id)).toEqual([message.id])
    expect((await ann.get('/bookmarks')).json.data).toEqual([])
    expect((await eve.put(`/bookmarks/${message.id}`)).status).toBe(404)
    await bob.delete(`/bookmarks/${message.id}`)
    expect((await bob.get('/bookmarks')).json.data).toEqual([])
  })
})

describe('mentions', () => {
  it('name members only, count until they are read, and make one notification each', async () => {
    const [uma, vic] = [await app.person('uma'), await app.person('vic')]
    const id = await app.conversation(uma, vic)
    const message = await send(uma, 'Hi @Vic, @eve and @all. Mail me: uma@vic.example, ok @vic?', {}, id)
    expect(new Set(message.mentions)).toEqual(new Set([vic.userId, 'all']))
    const view = async () => (await vic.get(`/conversations/${id}`)).json
    expect(await view()).toMatchObject({ unread_count: 1, mention_count: 1 })
    await send(uma, 'nothing', {}, id)
    expect(await view()).toMatchObject({ unread_count: 2, mention_count: 1 })
    const { json } = await vic.put(`/conversations/${id}/read`, { seq: 99 })
    expect(json).toMatchObject({ unread_count: 0, mention_count: 0 })
    expect((await vic.put(`/conversations/${id}/unread`, { seq: message.seq })).json).toMatchObject({
      unread_count: 2,
      mention_count: 1,
    })
    const noticed = (await vic.get('/notifications')).json.data
    expect(noticed).toEqual([expect.objectContaining({ type: 'message_mention', actor: expect.anything() })])
    expect((await eve.get('/notifications')).json.data).toEqual([])
  })
})

describe('positions of others', () => {
  it('are one per member, told to members only', async () => {
    const message = await send(ann, 'seen?')
    await bob.put(`/conversations/${room}/read`, { seq: message.seq })
    const { data } = (await ann.get(`/conversations/${room}/receipts`)).json
    expect(data).toContainEqual({
      user_id: bob.userId,
      delivered_seq: message.seq,
      read_seq: message.seq,
      read_at: expect.any(String),
    })
    expect(data).toHaveLength(2)
    expect((await eve.get(`/conversations/${room}/receipts`)).status).toBe(404)
  })
})

it('around a moment begins at the first message written since', async () => {
  const [wim, xan] = [await app.person('wim'), await app.person('xan')]
  const id = await app.conversation(wim, xan)
  const sent: { seq: number; created_at: string }[] = []
  for (let index = 0; index < 12; index++) {
    app.advance(3600)
    sent.push(await send(wim, `hour ${index}`, {}, id))
  }
  const at = async (moment: string) =>
    (await wim.get(`/conversations/${id}/messages?at=${encodeURIComponent(moment)}&limit=2`)).json.data.at(-1)?.text
  for (const [index, message] of sent.entries()) expect(await at(message.created_at)).toBe(`hour ${index}`)
  expect(await at('2000-01-01T00:00:00Z')).toBe('hour 0')
  expect(await at(new Date(Date.parse(sent[4]?.created_at ?? '') + 1).toISOString())).toBe('hour 5')
})
