import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { exchange, request } from '../raw-http.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { createTestApp, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let port: number
let ann: Visitor
let bob: Visitor
let room: string
/** Someone else's socket, which goes on whatever is done to another one. */
let bystander: LiveClient
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  port = await app.listen()
  ann = await app.person()
  bob = await app.person()
  room = await app.conversation(ann, bob)
  bystander = await connect(app, bob)
})
afterAll(async () => {
  bystander.close()
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

async function expectAlive(): Promise<void> {
  expect(await bystander.ask('ping')).toMatchObject({ ok: true })
  expect((await ann.get('/users/me')).status).toBe(200)
}

const placeholders = (count: number) =>
  `[${['"ping"', ...Array.from({ length: count }, (_, num) => `{"_placeholder":true,"num":${num}}`)].join(',')}]`

/** Frames of one socket, of which the last one must end it. */
const malformed: [name: string, ...frames: (string | Buffer)[]][] = [
  ['broken JSON', '42["x"'],
  ['an event that is no list', '42{"a":1}'],
  ['an event that is text', '42"ping"'],
  ['an empty event', '42[]'],
  ['null', '42null'],
  ['an object as event name', '42[{"toString":"x"}]'],
  ['a list as event name', '42[["ping"]]'],
  ['null as event name', '42[null]'],
  ['true as event name', '42[true]'],
  ['an event of one million letters', `42["${'x'.repeat(1_000_000)}"]`],
  ['a payload of 100 kB', `42["ping",{"x":"${'x'.repeat(100_000)}"}]`],
  ['a negative ack id', '42-1["ping",{}]'],
  ['an ack id with a letter', '421a["ping",{}]'],
  ['a reserved event: connect', '42["connect"]'],
  ['a reserved event: disconnect', '42["disconnect"]'],
  ['a reserved event: disconnecting', '42["disconnecting"]'],
  ['a reserved event: connect_error', '42["connect_error"]'],
  ['a reserved event: newListener', '42["newListener"]'],
  ['an unknown packet type', '49["ping"]'],
  ['an unknown engine packet', '9'],
  ['a letter', 'x'],
  ['an ack that is no list', '431{"a":1}'],
  ['a connect_error from the client', '44{"message":"x"}'],
  ['attachments that do not come', '451-["ping",{"_placeholder":true,"num":0}]', '42["ping",{}]'],
  ['99 attachments', `4599-${placeholders(99)}`],
  ['11 attachments', `4511-${placeholders(11)}`],
  ['a million attachments', '451000000-["ping"]'],
  ['attachments without a number', '45-["ping"]'],
  ['attachments with a fraction', '451.5-["ping"]'],
  ['negative attachments', '45-1-["ping"]'],
  ['an attachment out of the blue', Buffer.from([1, 2, 3])],
  ['a placeholder out of range', '451-["ping",{"_placeholder":true,"num":7}]', Buffer.from([1])],
  ['a negative placeholder', '451-["ping",{"_placeholder":true,"num":-1}]', Buffer.from([1])],
  ['a placeholder that is a name', '451-["ping",{"_placeholder":true,"num":"__proto__"}]', Buffer.from([1])],
]

it.each(malformed)('M55: %s ends that socket and no other', async (_, ...frames) => {
  const socket = await RawWebSocket.enter(port, ann)
  for (const frame of frames) {
    if (typeof frame === 'string') socket.text(frame)
    else socket.binary(frame)
  }
  await socket.closed
  await expectAlive()
})

it('M55: text that is no UTF-8 ends that socket and no other', async () => {
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    const socket = await RawWebSocket.enter(port, ann)
    socket.text(Buffer.concat([Buffer.from('420["ping",{"x":"'), Buffer.from(bytes), Buffer.from('"}]')]))
    await socket.closed
  }
  await expectAlive()
})

it('M55: a flood of unknown namespaces is refused one by one, and makes none', async () => {
  const socket = await RawWebSocket.enter(port, ann)
  const names = ['admin', '__proto__', 'constructor', ...Array.from({ length: 1_000 }, (_, i) => `n${i}`)]
  for (const name of names) socket.text(`40/${name},{"token":"x"}`)
  await socket.hears(/^44\/n999,/)
  expect(socket.heard.filter((text) => text.startsWith('44/'))).toHaveLength(names.length)
  expect(socket.heard.filter((text) => text.startsWith('40/'))).toEqual([])
  expect(await socket.ask(1, '["ping",{}]')).toMatchObject({ ok: true })
  socket.destroy()
  await expectAlive()
})

it('M55: what a poll may not post ends that connection and no other', async () => {
  const path = '/socket.io/?EIO=4&transport=polling'
  const headers = [`Origin: http://127.0.0.1:${port}`, `Cookie: ${ann.cookieHeader}`]
  const post = async (body: string) => {
    const opened = await exchange(port, request(`GET ${path}`, headers))
    const { sid } = JSON.parse(/\{.*\}/.exec(opened.body)?.[0] ?? '{}') as { sid: string }
    const length = `Content-Length: ${Buffer.byteLength(body)}`
    return {
      sid,
      status: (await exchange(port, request(`POST ${path}&sid=${sid}`, [...headers, length], body))).status,
    }
  }
  for (const body of ['x', '42["x"', '40\x1e42["x"', '\x1e\x1e\x1e', 'b!!!!', '9']) {
    const { sid, status } = await post(body)
    expect(status).toBe(200)
    const after = await exchange(port, request(`GET ${path}&sid=${sid}`, headers))
    // The packet that closes it, or gone already.
    expect(after.body.includes('6\x1e1') || after.body.includes('Session ID unknown'), after.text).toBe(true)
  }
  expect((await post(`42["ping","${'x'.repeat(70_000)}"]`)).status).toBe(413)
  await expectAlive()
})

describe('WS2', () => {
  let live: LiveClient
  beforeAll(async () => {
    live = await connect(app, ann)
  })
  afterAll(() => live.close())

  const unknownId = '0192f6d0-0000-7000-8000-000000000000'
  const text = 'hello'
  const commands: [code: string, event: string, ...args: unknown[]][] = [
    ['not_found', 'no.such.command', {}],
    ['not_found', 'message.created', { stream: 'x', seq: 1 }],
    ['not_found', 'session.ended', {}],
    ['not_found', 'join_room', { room: 'user_1' }],
    ['not_found', '', {}],
    ['validation_failed', 'message.send'],
    ['validation_failed', 'message.send', null],
    ['validation_failed', 'message.send', 'x'],
    ['validation_failed', 'message.send', 5],
    ['validation_failed', 'message.send', []],
    ['validation_failed', 'message.send', [{}]],
    ['validation_failed', 'message.send', { client_id: 'a', text }],
    ['validation_failed', 'message.send', { conversation_id: [unknownId], client_id: 'a', text }],
    ['validation_failed', 'message.send', { conversation_id: unknownId, client_id: 'a', text: { toString: 'x' } }],
    ['validation_failed', 'message.send', { conversation_id: unknownId, to_username: 'x', client_id: 'a', text }],
    ['validation_failed', 'message.send', { conversation_id: unknownId, client_id: 'a', text: Buffer.from('x') }],
    ['unknown_field', 'message.send', { conversation_id: unknownId, client_id: 'a', text, sender_id: unknownId }],
    ['unknown_field', 'message.send', { conversation_id: unknownId, client_id: 'a', text, seq: 1 }],
    ['unknown_field', 'message.read', { conversation_id: unknownId, seq: 1, user_id: unknownId }],
    ['validation_failed', 'message.read', { conversation_id: unknownId, seq: '1' }],
    ['validation_failed', 'message.read', { conversation_id: unknownId, seq: -1 }],
    ['validation_failed', 'sync', { streams: [] }],
    ['validation_failed', 'sync', {}],
    ['unknown_field', 'auth.renew', { user_id: unknownId }],
    ['token_invalid', 'auth.renew', { token: 'x' }],
    ['unknown_field', 'ping', { x: 1 }],
    ['not_found', 'message.send', { conversation_id: unknownId, client_id: 'a', text }],
    ['not_found', 'message.read', { conversation_id: unknownId, seq: 1 }],
  ]
  it.each(commands)('WS2: %s answers %s %j', async (code, event, ...args) => {
    const answer = await live.socket.timeout(10_000).emitWithAck(event, ...args)
    expect(answer).toEqual({ ok: false, error: expect.objectContaining({ code, request_id: expect.any(String) }) })
    expect(await live.ask('ping')).toMatchObject({ ok: true })
  })

  it('WS2: a sender cannot be forged, nor a room that is another’s entered or read', async () => {
    const [carl, dora] = [await app.person(), await app.person()]
    const theirs = await app.conversation(carl, dora)
    await carl.post(`/conversations/${theirs}/messages`, { client_id: 'secret', text: 'between us' })
    const foreign = await live.ask('message.send', { conversation_id: theirs, client_id: 'x', text })
    const missing = await live.ask('message.send', { conversation_id: unknownId, client_id: 'x', text })
    const { request_id: _, ...problem } = foreign.error
    expect(missing.error).toMatchObject(problem)
    for (const stream of [`conversation:${theirs}`, `user:${carl.userId}`]) {
      const { data } = await live.ask('sync', { streams: { [stream]: 0 } })
      expect([data.removed, data.events]).toEqual([[stream], []])
    }
    const renewed = await live.ask('auth.renew', { token: carl.cookies.get('access_token_cookie') })
    expect(renewed).toMatchObject({ ok: false, error: { status: 403 } })

    const sent = await live.ask('message.send', { conversation_id: room, client_id: 'own', text })
    expect(sent.data.sender.id).toBe(ann.userId)
    // Whatever Carl and Dora say next is told to no one else; the marker after it shows that the socket listened.
    await dora.post(`/conversations/${theirs}/messages`, { client_id: 'secret2', text: 'still between us' })
    await ann.post(`/conversations/${room}/messages`, { client_id: 'marker', text: 'marker' })
    await live.hears('message.created', ({ data }) => data.client_id === 'marker')
    expect(JSON.stringify(live.heard)).not.toContain('between us')
  })

  it('WS2: a command without an ack, or with strange arguments, runs at most once and answers nobody', async () => {
    const raw = await RawWebSocket.enter(port, ann)
    for (const event of [
      '',
      '["message.send"]',
      '["message.send",null]',
      '[5,{}]',
      '["no.such.command"]',
      '["ping",{},{},{},{}]',
      '["error",{"stack":"x"}]',
      '["error"]',
      '["message.send",{"_placeholder":true,"num":0}]',
    ]) {
      raw.text(`42${event}`)
    }
    raw.text(`42["message.send",{"conversation_id":"${room}","client_id":"quiet","text":"quiet"}]`)
    expect(await raw.ask(1, '["ping",{}]')).toMatchObject({ ok: true })
    await bystander.hears('message.created', ({ data }) => data.client_id === 'quiet')
    expect(raw.heard.filter((frame) => frame.startsWith('43'))).toHaveLength(1)
    expect(log.find('"stack":"x"')).toEqual([])
    raw.destroy()
  })
})

it('WS2: two hundred events at once are answered, and those beyond the budget told when to come back', async () => {
  const strict = await createTestApp({ PORT: '0', RATE_LIMIT_PROFILE: 'standard' }, { log: log.logger })
  await strict.listen()
  const eve = await strict.person()
  const [live, other] = [await connect(strict, eve), await connect(strict, eve)]
  const answers = await Promise.all(Array.from({ length: 200 }, () => live.ask('ping')))
  const refused = answers.filter(({ ok }) => !ok)
  expect(refused).toHaveLength(170)
  for (const { error } of refused) {
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retry_after: expect.any(Number) })
  }
  expect(await other.ask('ping')).toMatchObject({ ok: true })
  live.close()
  other.close()
  await strict.drop()
})
