import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { type BodyRoute, bodyRoutes, keptRows } from '../request-bodies.ts'
import { createTestApp, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let ann: Visitor
let bob: Visitor
let room: string
let live: LiveClient
let routes: BodyRoute[]
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  await app.listen()
  ann = await app.person()
  bob = await app.person()
  room = await app.conversation(ann, bob)
  live = await connect(app, ann)
  routes = bodyRoutes(app, ann, room)
})
afterAll(async () => {
  live.close()
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

/** As a JSON escape, or as bytes that are no UTF-8. */
const texts: [name: string, escaped: string | Buffer][] = [
  ['U+0000', '\\u0000'],
  ['a lone high surrogate', '\\ud800'],
  ['a lone low surrogate', '\\udfff'],
  ['surrogates the wrong way round', '\\udc00\\ud800'],
  ['a raw U+0000', Buffer.from([0])],
  ['an overlong U+0000', Buffer.from([0xc0, 0x80])],
  ['an overlong slash', Buffer.from([0xe0, 0x80, 0xaf])],
  ['an overlong apostrophe', Buffer.from([0xc0, 0xa7])],
  ['a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80])],
  ['beyond U+10FFFF', Buffer.from([0xf4, 0x90, 0x80, 0x80])],
  ['a cut sequence', Buffer.from([0xf0, 0x9f, 0x98])],
  ['Latin-1', Buffer.from([0xe9])],
]

/** The fields as JSON, with the bytes inside the value of one field, or inside its name. */
function withBytes(
  fields: Record<string, string>,
  field: string,
  bytes: string | Buffer,
  where: 'value' | 'name',
): Buffer {
  const [before, after] = JSON.stringify({
    ...fields,
    ...(where === 'value' ? { [field]: '\n|' } : { '\n|': 'x' }),
  }).split('\\n|')
  return Buffer.concat([before, bytes, after].map((part) => Buffer.from(part ?? '')))
}

it.each(texts)('M38: %s is refused in every string of every body, and nothing is kept', async (_, bytes) => {
  const before = await keptRows(app)
  for (const { name, fields, send } of routes) {
    for (const field of Object.keys(fields)) {
      for (const where of ['value', 'name'] as const) {
        const { status, json } = await send(withBytes(fields, field, bytes, where))
        expect([400, 422], `${name} ${field} ${where}`).toContain(status)
        expect(['malformed_json', 'validation_failed']).toContain(json.code)
      }
    }
  }
  expect(await keptRows(app)).toEqual(before)
})

it('M38: a byte order mark and UTF-16 are no JSON of ours', async () => {
  const before = await keptRows(app)
  for (const { name, fields, send } of routes) {
    const body = JSON.stringify(fields)
    const utf16 = Buffer.from(body, 'utf16le')
    const bodies = [
      Buffer.from(`\ufeff${body}`),
      utf16,
      Buffer.from(utf16).swap16(),
      Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    ]
    for (const bytes of bodies) expect((await send(bytes)).status, name).toBe(400)
  }
  expect(await keptRows(app)).toEqual(before)
})

const escapes = ['%00', 'a%00b', '%ED%A0%80', '%C0%80', '%E0%80%AF', '%FF', '%', '%zz', '%u0000', '%F4%90%80%80']
it.each(escapes)('M38: %s in an address is refused or finds nothing', async (escaped) => {
  for (const url of [
    `/users?search=${escaped}`,
    `/users?search=x&cursor=${escaped}`,
    `/conversations?cursor=${escaped}`,
    `/conversations/${room}/messages?before=${escaped}`,
    `/users/${escaped}`,
    `/users/@${escaped}`,
    `/conversations/${escaped}`,
    `/conversations/${room}${escaped}/messages`,
    `/problems/${escaped}`,
  ]) {
    const { status, json } = await ann.get(url)
    const harmless = [400, 404, 422].includes(status) || (status === 200 && json.data.length === 0)
    expect(harmless, `${url} ${status}`).toBe(true)
  }
})

it('M38: text that cannot be kept is refused over sockets, and the socket goes on', async () => {
  const before = await keptRows(app)
  for (const text of ['a\0b', '\ud800', 'a\udfffb', '\udc00\ud800']) {
    for (const [name, input] of [
      ['message.send', { conversation_id: room, client_id: 'x', text }],
      ['message.send', { conversation_id: room, client_id: text, text: 'x' }],
      ['message.send', { to_username: text, client_id: 'x', text: 'x' }],
      ['message.send', { conversation_id: text, client_id: 'x', text: 'x' }],
      ['message.read', { conversation_id: text, seq: 1 }],
      ['sync', { streams: {}, epoch: text }],
      ['sync', { streams: { [text]: 1 } }],
      ['auth.renew', { token: text }],
      ['ping', { [text]: 1 }],
      [text, {}],
    ] as const) {
      const { ok, error } = await live.ask(name, input)
      expect([ok, [400, 401, 404, 422].includes(error.status)]).toEqual([false, true])
    }
  }
  expect(await live.ask('ping')).toMatchObject({ ok: true })
  expect(await keptRows(app)).toEqual(before)
})

it('VA1: what can be kept comes back as it was, by every way it is read', async () => {
  const naughty = [
    '\u{1f600}\u{10ffff}\u{fffff}',
    '\ufffd \ufffe \uffff \u{1fffe}',
    'e\u0301 is not \u00e9',
    '  spaces stay  ',
    '\u202e right to left \u202c\u200b\u200d\ufeff.',
    "'; drop table users; -- \\' \" ` $1 ? :name %s {{7*7}} #{7*7}",
    '\u0001\u0007\u001b[31m\u007f\u0085\u2028\u2029 \r\n\t.',
    '<img src=x onerror=alert(1)>',
    'null',
    '\u0130\u0131\u017f\ufb03\u1e9e',
    'x'.repeat(4000),
    '\u{1f600}'.repeat(2000),
  ]
  for (const [i, text] of naughty.entries()) {
    const sent = await ann.post(`/conversations/${room}/messages`, { client_id: `naughty-${i}`, text })
    expect([sent.status, sent.json.text]).toEqual([201, text])
    const seen = await bob.get(`/conversations/${room}/messages?limit=1`)
    expect(seen.json.data[0].text).toBe(text)
    const told = await live.hears('message.created', ({ data }) => data.client_id === `naughty-${i}`)
    expect(told.data.text).toBe(text)
    if (text.length > 80) continue
    const saved = await bob.patch('/users/me', { display_name: text })
    expect([saved.status, (await bob.get('/users/me')).json.display_name]).toEqual([200, text])
    expect((await ann.get(`/users/${bob.userId}`)).json.display_name).toBe(text)
  }
})
