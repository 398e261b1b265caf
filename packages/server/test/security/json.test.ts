import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { type BodyRoute, bodyRoutes, keptRows } from '../request-bodies.ts'
import { createTestApp, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let ann: Visitor
let room: string
let live: LiveClient
let raw: RawWebSocket
let routes: BodyRoute[]
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  const port = await app.listen()
  ann = await app.person()
  room = await app.conversation(ann, await app.person())
  await ann.post(`/conversations/${room}/messages`, { client_id: 'first', text: 'first' })
  live = await connect(app, ann)
  raw = await RawWebSocket.enter(port, ann)
  routes = bodyRoutes(app, ann, room)
})
afterAll(async () => {
  live.close()
  raw.destroy()
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

const json = { 'content-type': 'application/json' }
const stream = () => `conversation:${room}`

it('M39: the same key twice in one object is refused, however it is spelt', async () => {
  const before = await keptRows(app)
  for (const { name, fields, send } of routes) {
    const text = JSON.stringify(fields)
    const [field = '', value] = Object.entries(fields)[0] ?? []
    const escaped = `\\u00${field.charCodeAt(0).toString(16)}${field.slice(1)}`
    const more = [
      `"${field}":"${value}"`,
      `"${escaped}":"${value}"`,
      '"x":{"y":1,"y":2}',
      '"x":[{"y":{"z":1,"z":1}}]',
      '"__proto__":1,"__proto__":2',
    ]
    for (const body of more.flatMap((keys) => [text.replace('{', `{${keys},`), text.replace(/}$/, `,${keys}}`)])) {
      const { status, json } = await send(body)
      expect([status, json.code], `${name} ${body}`).toEqual([400, 'malformed_json'])
    }
  }
  const streams = await ann.post('/sync', `{"streams":{"${stream()}":0,"${stream()}":1}}`, json)
  expect(streams.json.code).toBe('malformed_json')
  expect(await keptRows(app)).toEqual(before)
})

it('M39: nesting of ten thousand levels is refused, and the server goes on', async () => {
  const list = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const object = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  for (const { name, send } of routes) {
    for (const body of [
      list(10_000),
      object(10_000),
      `{"text":${list(10_000)}}`,
      object(21),
      list(21),
      '['.repeat(10_000),
    ]) {
      expect((await send(body)).json.code, name).toBe('malformed_json')
    }
  }
  for (const input of [list(10_000), `{"streams":${list(10_000)}}`, `{"text":${list(1_000)}}`]) {
    const answer = await raw.ask(1, `["sync",${input}]`)
    expect(answer).toMatchObject({ ok: false, error: { code: 'malformed_json' } })
  }
  expect(await live.ask('ping')).toMatchObject({ ok: true })
})

const numbers = ['1e400', '-1e400', '9007199254740993', '-9007199254740993', '1e17', '123456789012345678901234567890']
it.each(numbers)('M39: %s, which no double holds exactly, is refused', async (number) => {
  for (const { name, send } of routes) {
    const { status, json } = await send(`{"seq":${number}}`)
    expect([status, json.code], name).toEqual([422, 'validation_failed'])
  }
  for (const [method, url, body] of [
    ['PUT', `/conversations/${room}/read`, `{"seq":${number}}`],
    ['POST', '/sync', `{"streams":{"${stream()}":${number}}}`],
    ['POST', '/sync', `{"streams":{},"limit":${number}}`],
  ] as const) {
    expect((await ann.send(method, url, body, json)).status).toBe(422)
  }
  for (const name of ['before', 'after', 'around', 'limit']) {
    expect((await ann.get(`/conversations/${room}/messages?${name}=${number}`)).status).toBe(422)
  }
  const answer = await raw.ask(2, `["message.read",{"conversation_id":"${room}","seq":${number}}]`)
  expect(answer).toMatchObject({ ok: false, error: { status: 422 } })
})

it.each(['-0', '0.0', '-0.0', '0e9'])('M39: %s is exactly 0', async (zero) => {
  const read = await ann.put(`/conversations/${room}/read`, `{"seq":${zero}}`, json)
  expect([read.status, read.json.last_read_seq]).toEqual([200, 1])
  const sync = await ann.post('/sync', `{"streams":{"${stream()}":${zero}},"only":true,"limit":1.0}`, json)
  expect([sync.status, sync.json.events[0].seq]).toEqual([200, 1])
})

/** Each of them is taken by some reader, and is no JSON. */
const invalid =
  '{ } [1,] {"a":1,} {\'a\':1} {a:1} {"a":1"b":2} {"a":1}x {"a":1}{} "\\x41" "\\u12" 01 +1 .5 1. 1e 0x1 NaN Infinity -Infinity undefined True nul " ["a \\u007b}'
it.each([...invalid.split(' '), ' ', '"\t"', '// x\n{}', '/**/{}', '{"a":\u00a01}', '\u2028{}', '[1\f]'])(
  'VA1: %j is no JSON and is refused before anything looks at it',
  async (body) => {
    for (const { name, send } of routes) expect((await send(body)).json.code, name).toBe('malformed_json')
  },
)

it.each(['', 'null', 'true', '0', '""', '"x"', '[]', '[{}]'])('VA1: the body %j is no object', async (body) => {
  for (const { name, send } of routes) {
    // A refresh may come without a body: the token is in the cookie then.
    const optional = name === 'refresh' && ['', 'null'].includes(body)
    expect((await send(body)).status, name).toBe(optional ? 401 : 422)
  }
})

it('VA2: a value of another type is refused in every field, and is never read as if it were right', async () => {
  const before = await keptRows(app)
  for (const { name, fields, send } of routes) {
    for (const field of Object.keys(fields)) {
      for (const value of [0, 1.5, true, [], {}, [fields[field]], { $ne: null }, { toString: 'x' }, [null]]) {
        const { status, json } = await send(JSON.stringify({ ...fields, [field]: value }))
        expect([status, json.code], `${name} ${field}`).toEqual([422, 'validation_failed'])
      }
    }
  }
  expect(await keptRows(app)).toEqual(before)
})
