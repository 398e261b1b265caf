import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { exchange, request } from '../raw-http.ts'
import { type BodyRoute, bodyRoutes, keptRows } from '../request-bodies.ts'
import { createTestApp, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let port: number
let ann: Visitor
let room: string
let live: LiveClient
let routes: BodyRoute[]
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  port = await app.listen()
  ann = await app.person()
  room = await app.conversation(ann, await app.person())
  live = await connect(app, ann)
  routes = bodyRoutes(app, ann, room)
})
afterAll(async () => {
  live.close()
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

const json = { 'content-type': 'application/json' }

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'then',
]

it.each(names)('M40: %s is an unknown field in every body', async (name) => {
  const before = await keptRows(app)
  for (const { name: route, fields, send } of routes) {
    for (const value of ['"x"', '{"role":"admin"}', '{"prototype":{"role":"admin"}}', 'null', '[]']) {
      const { status, json } = await send(JSON.stringify(fields).replace('{', `{"${name}":${value},`))
      expect([status, json.code], route).toEqual([422, 'unknown_field'])
      expect((await send(`{"${name}":${value}}`)).status, route).toBe(422)
    }
  }
  expect(await keptRows(app)).toEqual(before)
  expect(({} as Record<string, unknown>).role).toBeUndefined()
  expect((await ann.get('/users/me')).json.roles).toEqual(['user'])
})

it.each(names)('M40: %s means nothing in a query or a path', async (name) => {
  for (const url of ['/users', '/conversations', `/conversations/${room}/messages`]) {
    expect((await ann.get(`${url}?${name}=1`)).json.code).toBe('unknown_field')
    expect((await ann.get(`${url}?${name}[limit]=1&limit[${name}]=1`)).json.code).toBe('unknown_field')
    expect((await ann.get(`${url}?limit=${name}`)).json.code).toBe('validation_failed')
  }
  for (const place of [
    '/users/',
    '/users/@',
    '/conversations/',
    '/problems/',
    '/',
    '/api/v1/',
    '/docs/',
    '/users/me/',
  ]) {
    expect((await ann.get(`${place}${name}`)).status, place).toBe(404)
  }
  expect((await ann.delete(`/users/me/sessions/${name}`)).status).toBe(404)
})

it.each(names)('M40: %s means nothing as the name of a header or a cookie', async (name) => {
  for (const headers of [{ cookie: `${name}=1; ${ann.cookieHeader}` }, { [name]: '1' }, { [`x-${name}`]: name }]) {
    expect((await ann.get('/users/me', headers as Record<string, string>)).json.id).toBe(ann.userId)
  }
  const lines = [`${name}: 1`, `${name}: 2`, `Cookie: ${name}=1`, `Cookie: ${ann.cookieHeader}`]
  const sent = await exchange(port, request('GET /api/v1/users/me', lines))
  expect([sent.status, JSON.parse(sent.body).id]).toEqual([200, ann.userId])
  const refused = await app.visitor().get('/users/me', { cookie: `${name}=${ann.cookies.get('access_token_cookie')}` })
  expect(refused.json.code).toBe('authentication_required')
})

it.each(names)('M40: %s means nothing as an event, a field of one, or a stream', async (name) => {
  expect(await live.ask(name, {})).toMatchObject({ ok: false, error: { code: 'not_found' } })
  const field = JSON.parse(`{"${name}":{"x":1}}`)
  expect(await live.ask('ping', field)).toMatchObject({ ok: false, error: { code: 'unknown_field' } })
  expect(await live.ask('sync', { streams: {}, ...field })).toMatchObject({
    ok: false,
    error: { code: 'unknown_field' },
  })

  for (const stream of [name, `${name}:x`]) {
    const streams = `{"streams":{"${stream}":0}}`
    // The first part of a stream's name is small letters only.
    const known = /^[a-z]+:/.test(stream)
    const byHttp = await ann.post('/sync', streams, json)
    const bySocket = await live.ask('sync', JSON.parse(streams))
    expect([byHttp.status, bySocket.ok], stream).toEqual(known ? [200, true] : [422, false])
    if (known) expect([byHttp.json.removed, bySocket.data.removed]).toEqual([[stream], [stream]])
  }
  const own = await ann.post('/sync', { streams: { [`user:${name}`]: 0, [`conversation:${name}`]: 0 } })
  expect([own.json.removed, own.json.events]).toEqual([[`user:${name}`, `conversation:${name}`], []])
})
