import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, recordHeads, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
let bob: Visitor
let room: string
beforeAll(async () => {
  app = await createTestApp()
  ;[ann, bob] = [await app.person('ann'), await app.person('bob')]
  room = await app.conversation(ann, bob)
})
afterAll(() => app.drop())

let counter = 0
const message = (text = 'hello', client_id = `m${++counter}`) => ({ text, client_id })
const eventsOf = (stream: string) =>
  app.database.db.selectFrom('events').select(['seq', 'type']).where('stream_id', '=', stream).orderBy('seq').execute()

describe('opening a conversation', () => {
  it('answers one conversation to both, told once to each', async () => {
    const [carl, dana] = [await app.person('carl'), await app.person('dana')]
    const first = await carl.post('/conversations', { kind: 'direct', username: 'DANA' })
    expect(first.status).toBe(201)
    expect(first.headers.location).toBe(`/api/v1/conversations/${first.json.id}`)
    expect(first.json.members_preview).toEqual([expect.objectContaining({ id: dana.userId, username: 'dana' })])
    const second = await dana.post('/conversations', { kind: 'direct', member_ids: [carl.userId] })
    expect([second.status, second.json.id]).toEqual([200, first.json.id])
    for (const person of [carl, dana]) {
      expect(await eventsOf(`user:${person.userId}`)).toEqual([{ seq: 1, type: 'conversation.created' }])
    }
  })

  it('makes one of twenty that open it at once', async () => {
    const [emma, finn] = [await app.person('emma'), await app.person('finn')]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? emma.post('/conversations', { kind: 'direct', username: 'finn' })
          : finn.post('/conversations', { kind: 'direct', username: 'emma' }),
      ),
    )
    expect(new Set(answers.map((answer) => answer.json.id)).size).toBe(1)
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
  })

  it.each([
    [{ kind: 'direct', username: 'ann' }, 422, 'self_reference'],
    [{ kind: 'direct', username: 'nobody-there' }, 404, 'not_found'],
    [{ kind: 'group', username: 'bob' }, 422, 'validation_failed'],
    [{ kind: 'direct', username: 'bob', sender_id: 'x' }, 422, 'unknown_field'],
    [{ kind: 'direct' }, 422, 'validation_failed'],
    [
      { kind: 'direct', username: 'bob', member_ids: ['0192f6d0-0000-7000-8000-000000000000'] },
      422,
      'validation_failed',
    ],
  ])('refuses %j', async (body, status, code) => {
    const answer = await ann.post('/conversations', body)
    expect([answer.status, answer.json.code]).toEqual([status, code])
  })
})

describe('sending', () => {
  it('stores the message, its event and the sender’s position, and tells it once', async () => {
    const [gina, hugo] = [await app.person('gina'), await app.person('hugo')]
    const id = await app.conversation(gina, hugo)
    const heads = recordHeads(app.bus)
    const answer = await gina.post(`/conversations/${id}/messages`, message('Grüezi 👋'))
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({
      seq: 1,
      number: 1,
      text: 'Grüezi 👋',
      sender: { username: 'gina' },
      deleted_at: null,
    })
    expect(await eventsOf(`conversation:${id}`)).toEqual([{ seq: 1, type: 'message.created' }])
    expect(heads).toEqual([{ stream: `conversation:${id}`, seq: 1 }])
    expect((await gina.get(`/conversations/${id}`)).json).toMatchObject({ unread_count: 0, last_read_seq: 1 })
    expect((await hugo.get('/conversations')).json.data).toEqual([
      expect.objectContaining({ id, unread_count: 1, last_message: expect.objectContaining({ text: 'Grüezi 👋' }) }),
    ])
  })

  it('answers a repeat with the first message, and refuses other content', async () => {
    const body = message('once')
    const first = await ann.post(`/conversations/${room}/messages`, body)
    const again = await ann.post(`/conversations/${room}/messages`, body)
    expect([again.status, again.json.id, again.json.deduplicated]).toEqual([200, first.json.id, true])
    expect((await ann.post(`/conversations/${room}/messages`, { ...body, text: 'other' })).json.code).toBe(
      'client_id_reused',
    )
    const theirs = await bob.post(`/conversations/${room}/messages`, body)
    expect([theirs.status, theirs.json.deduplicated]).toEqual([201, undefined])
  })

  it('numbers without holes when fifty are sent at once, among refusals and repeats', async () => {
    const [ivan, jana] = [await app.person('ivan'), await app.person('jana')]
    const id = await app.conversation(ivan, jana)
    const sends = Array.from({ length: 50 }, (_, i) =>
      (i % 2 ? ivan : jana).post(`/conversations/${id}/messages`, message(`m${i}`, `id${i % 40}`)),
    )
    const refused = Array.from({ length: 10 }, () =>
      ivan.post(`/conversations/${id}/messages`, { text: '  ', client_id: 'x' }),
    )
    const answers = await Promise.all([...sends, ...refused])
    expect(answers.filter((answer) => answer.status >= 500)).toEqual([])
    const { data } = (await ivan.get(`/conversations/${id}/messages?after=0&limit=100`)).json
    const expected = data.map((_: unknown, i: number) => i + 1)
    expect(data.map((row: { seq: number }) => row.seq)).toEqual(expected)
    expect(data.map((row: { number: number }) => row.number)).toEqual(expected)
  })

  it('stores what comes at once together, and each as if it came alone', async () => {
    const [kira, lars, mona] = [await app.person('kira'), await app.person('lars'), await app.person('mona')]
    const [one, other] = [await app.conversation(kira, lars), await app.conversation(lars, mona)]
    await mona.post('/blocks', { username: 'kira' })
    const third = (await kira.post('/conversations', { kind: 'group', title: 'Third', member_ids: [lars.userId] })).json
      .id
    await kira.patch(`/conversations/${third}`, { posting: 'admins' })
    await kira.post(`/conversations/${one}/messages`, message('before', 'k-before'))
    const heads = recordHeads(app.bus)
    const send = (who: Visitor, where: string, text: string, client_id: string) =>
      who.post(`/conversations/${where}/messages`, { text, client_id })
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, (_, i) => send(kira, one, `k${i}`, `k${i}`)),
      ...Array.from({ length: 6 }, (_, i) => send(lars, i % 2 ? one : other, `l${i}`, `l${i}`)),
      send(kira, one, 'before', 'k-before'),
      send(kira, one, 'another text', 'k-before'),
      send(kira, other, 'not a member', 'k-other'),
      send(lars, third, 'only its owner writes', 'l-third'),
      send(mona, other, 'twice', 'm-twice'),
      send(mona, other, 'twice', 'm-twice'),
      send(lars, one, 'hello @kira', 'l-mention'),
    ])
    const outcomes = answers.map(({ status, json }) => json.code ?? (json.deduplicated ? 'repeated' : status))
    expect(outcomes.slice(0, 16)).toEqual([
      ...Array(12).fill(201),
      ...['repeated', 'client_id_reused', 'not_found', 'forbidden'],
    ])
    expect(outcomes.slice(16, 18).sort()).toEqual([201, 'repeated'])
    expect(outcomes[18]).toBe(201)
    // One word for each transaction: fewer than there were messages.
    expect(heads.length).toBeLessThan(14)
    for (const [room, count] of [
      [one, 11],
      [other, 4],
    ] as const) {
      const { data } = (await lars.get(`/conversations/${room}/messages?after=0&limit=100`)).json
      expect(data.map((row: { number: number }) => row.number)).toEqual(Array.from({ length: count }, (_, i) => i + 1))
      expect((await eventsOf(`conversation:${room}`)).filter(({ type }) => type === 'message.created')).toHaveLength(
        count,
      )
      const last = (who: string) =>
        data.findLast((row: { sender: { username: string } }) => row.sender.username === who)
      const mine = (await lars.get(`/conversations/${room}`)).json
      expect(mine).toMatchObject({ last_read_seq: last('lars').seq, unread_count: count - last('lars').number })
    }
    expect((await lars.get('/search/messages?q=k3')).json.data).toHaveLength(1)
  })

  it('keeps nothing and tells nothing when the transaction fails', async () => {
    const before = await eventsOf(`conversation:${room}`)
    const heads = recordHeads(app.bus)
    const failing = app.database.unitOfWork(async (uow) => {
      await uow.append([{ stream: `conversation:${room}`, type: 'message.created', refs: { message_id: 'x' } }])
      throw new Error('power cut')
    })
    await expect(failing).rejects.toThrow('power cut')
    expect(await eventsOf(`conversation:${room}`)).toEqual(before)
    expect(heads).toEqual([])
  })

  it.each([
    [{ text: '', client_id: 'a' }, 'validation_failed'],
    [{ text: ' \n\t', client_id: 'a' }, 'validation_failed'],
    [{ text: 'x'.repeat(4001), client_id: 'a' }, 'validation_failed'],
    [{ text: 'hi' }, 'validation_failed'],
    [{ text: 'hi', client_id: 'with space' }, 'validation_failed'],
    [{ text: 'hi', client_id: 'a', sender_id: 'b' }, 'unknown_field'],
    [{ text: { toString: 'x' }, client_id: 'a' }, 'validation_failed'],
  ])('refuses %j', async (body, code) => {
    const answer = await ann.post(`/conversations/${room}/messages`, body)
    expect([answer.status, answer.json.code]).toEqual([422, code])
  })

  it('answers a stranger exactly as if there were no conversation', async () => {
    const stranger = await app.person('stranger')
    const missing = '0192f6d0-0000-7000-8000-000000000000'
    const without = (json: Record<string, unknown>, id: string) =>
      JSON.stringify({ ...json, request_id: 0 }).replaceAll(id, 'ID')
    for (const path of ['', '/messages']) {
      const [mine, none] = [
        await stranger.get(`/conversations/${room}${path}`),
        await stranger.get(`/conversations/${missing}${path}`),
      ]
      expect(none.status).toBe(404)
      expect(without(mine.json, room)).toBe(without(none.json, missing))
    }
    expect((await stranger.post(`/conversations/${room}/messages`, message())).status).toBe(404)
    expect((await stranger.put(`/conversations/${room}/read`, { seq: 1 })).status).toBe(404)
    expect((await stranger.get('/conversations/not-an-id')).status).toBe(404)
  })
})

describe('reading', () => {
  it('pages before, after and around a place', async () => {
    const [kim, lea] = [await app.person('kim'), await app.person('lea')]
    const id = await app.conversation(kim, lea)
    for (let i = 1; i <= 9; i++) await kim.post(`/conversations/${id}/messages`, message(`t${i}`))
    const seqs = async (query: string) => {
      const { data, page } = (await lea.get(`/conversations/${id}/messages?${query}`)).json
      return [data.map((row: { seq: number }) => row.seq), page.has_more]
    }
    expect(await seqs('limit=4')).toEqual([[9, 8, 7, 6], true])
    expect(await seqs('before=6&limit=4')).toEqual([[5, 4, 3, 2], true])
    expect(await seqs('before=2&limit=4')).toEqual([[1], false])
    expect(await seqs('after=7')).toEqual([[8, 9], false])
    expect(await seqs('around=5&limit=4')).toEqual([[7, 6, 5, 4], true])
    expect((await lea.get(`/conversations/${id}/messages?limit=101`)).status).toBe(422)
  })

  it('moves one’s position forward only, and tells one’s other devices', async () => {
    const [mia, noa] = [await app.person('mia'), await app.person('noa')]
    const id = await app.conversation(mia, noa)
    for (let i = 1; i <= 5; i++) await mia.post(`/conversations/${id}/messages`, message())
    expect((await noa.put(`/conversations/${id}/read`, { seq: 3 })).json).toEqual({
      last_read_seq: 3,
      unread_count: 2,
      mention_count: 0,
    })
    expect((await noa.put(`/conversations/${id}/read`, { seq: 2 })).json).toEqual({
      last_read_seq: 3,
      unread_count: 2,
      mention_count: 0,
    })
    expect((await noa.put(`/conversations/${id}/read`, { seq: 999 })).json).toEqual({
      last_read_seq: 5,
      unread_count: 0,
      mention_count: 0,
    })
    expect(await eventsOf(`user:${noa.userId}`)).toEqual([
      { seq: 1, type: 'conversation.created' },
      { seq: 2, type: 'message.receipt' },
      { seq: 3, type: 'message.receipt' },
    ])
    expect((await noa.put(`/conversations/${id}/read`, { seq: -1 })).status).toBe(422)
  })

  it('lists conversations by their newest activity, in pages', async () => {
    const oli = await app.person('oli')
    const ids: string[] = []
    for (const name of ['pia', 'quin', 'rosa']) ids.push(await app.conversation(oli, await app.person(name)))
    for (const id of [ids[1], ids[2], ids[0]]) {
      app.advance(1)
      await oli.post(`/conversations/${id}/messages`, message())
    }
    const first = (await oli.get('/conversations?limit=2')).json
    expect(first.data.map((row: { id: string }) => row.id)).toEqual([ids[0], ids[2]])
    const second = (await oli.get(`/conversations?limit=2&cursor=${first.page.next_cursor}`)).json
    expect(second.data.map((row: { id: string }) => row.id)).toEqual([ids[1]])
  })
})

it('limits how fast one person sends', async () => {
  const limited = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
  const [sam, tom] = [await limited.person('sam'), await limited.person('tom')]
  const id = await limited.conversation(sam, tom)
  const answers = []
  for (let i = 0; i < 21; i++) answers.push(await sam.post(`/conversations/${id}/messages`, message()))
  expect(answers.map((answer) => answer.status)).toEqual([...Array(20).fill(201), 429])
  expect(answers[20]?.headers['retry-after']).toBeDefined()
  expect(answers[20]?.json.retry_after).toBeGreaterThan(0)
  await limited.drop()
})
