import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type LiveClient } from '../../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
let bob: Visitor
let room: string
/** What each client heard of typing. */
const heard = { ann: [] as unknown[], annToo: [] as unknown[], bob: [] as unknown[] }
let clients: Record<'ann' | 'annToo' | 'bob', LiveClient>
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  ;[ann, bob] = [await app.person(), await app.person()]
  room = await app.conversation(ann, bob)
  clients = { ann: await connect(app, ann), annToo: await connect(app, ann), bob: await connect(app, bob) }
  for (const [name, { socket }] of Object.entries(clients)) {
    socket.on('typing', (payload) => heard[name as keyof typeof clients].push(payload))
  }
})
afterAll(async () => {
  for (const client of Object.values(clients)) client.close()
  await app.drop()
})

/** Resolves once all have heard a message that is sent now: whatever was told before it has arrived. */
async function settle(marker: string): Promise<void> {
  await ann.post(`/conversations/${room}/messages`, { client_id: marker, text: marker })
  for (const client of Object.values(clients)) {
    await client.hears('message.created', ({ data }) => data.client_id === marker)
  }
}

describe('typing', () => {
  it('is told to the others in the conversation and not to the one who types, on any device', async () => {
    const said = { conversation_id: room, user_id: ann.userId }
    expect(await clients.ann.ask('typing.start', { conversation_id: room })).toEqual({ ok: true, data: {} })
    expect(await clients.bob.hears('typing')).toEqual({ ...said, on: true })
    await clients.ann.ask('typing.stop', { conversation_id: room })
    expect(await clients.bob.hears('typing', ({ on }) => !on)).toEqual({ ...said, on: false })
    await settle('first')
    expect([heard.ann, heard.annToo, heard.bob.length]).toEqual([[], [], 2])
  })

  it('ends by itself when nobody says so again', async () => {
    const [carl, dora] = [await app.person(), await app.person()]
    const id = await app.conversation(carl, dora)
    const [c, d] = [await connect(app, carl), await connect(app, dora)]
    await c.ask('typing.start', { conversation_id: id })
    expect(await d.hears('typing')).toMatchObject({ on: true })
    c.close()
    expect(await d.hears('typing', ({ on }) => !on)).toEqual({ conversation_id: id, user_id: carl.userId, on: false })
    d.close()
  })

  it('says the same thing once', async () => {
    heard.bob.length = 0
    for (let i = 0; i < 5; i++) await clients.ann.ask('typing.start', { conversation_id: room })
    for (let i = 0; i < 5; i++) await clients.ann.ask('typing.stop', { conversation_id: room })
    await settle('second')
    expect(heard.bob).toMatchObject([{ on: true }, { on: false }])
  })

  it.each(['typing.start', 'typing.stop', 'conversation.open', 'conversation.close'])(
    'WS2: %s of a conversation that is another’s is as of one that does not exist',
    async (command) => {
      const [carl, dora] = [await app.person(), await app.person()]
      const theirs = await app.conversation(carl, dora)
      const missing = '0192f6d0-0000-7000-8000-000000000000'
      const [foreign, unknown] = [theirs, missing].map((id) => clients.ann.ask(command, { conversation_id: id }))
      expect(await foreign).toMatchObject({ ok: false, error: { code: 'not_found' } })
      const { request_id: _, ...problem } = (await foreign).error
      expect((await unknown).error).toMatchObject(problem)
    },
  )

  it('opening and closing a conversation of one’s own is accepted', async () => {
    for (const command of ['conversation.open', 'conversation.close']) {
      expect(await clients.ann.ask(command, { conversation_id: room })).toEqual({ ok: true, data: {} })
    }
  })

  it('is told to nobody a block stands between', async () => {
    const [carl, dora, eve] = [await app.person(), await app.person(), await app.person()]
    const answer = await carl.post('/conversations', {
      kind: 'group',
      title: 'three',
      member_ids: [dora.userId, eve.userId],
    })
    expect(answer.status).toBe(201)
    const { id } = answer.json
    expect((await dora.put(`/api/v1/blocks/${carl.userId}`)).status).toBeLessThan(300)
    const [c, d, e] = [await connect(app, carl), await connect(app, dora), await connect(app, eve)]
    const atDora: unknown[] = []
    d.socket.on('typing', (payload) => atDora.push(payload))
    await c.ask('typing.start', { conversation_id: id })
    expect(await e.hears('typing')).toMatchObject({ user_id: carl.userId, on: true })
    await c.ask('typing.stop', { conversation_id: id })
    await e.ask('typing.start', { conversation_id: id })
    await d.hears('typing', ({ user_id }) => user_id === eve.userId)
    expect(atDora).toMatchObject([{ user_id: eve.userId }])
    for (const client of [c, d, e]) client.close()
  })
})
