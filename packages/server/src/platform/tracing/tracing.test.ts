import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { silent } from '../../../test/databases.ts'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { type ConfigError, loadConfig } from '../../config/config.ts'
import { readTraceparent } from './span.ts'
import { Tracer } from './tracer.ts'

interface Heard {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes: Record<string, unknown>
  status: { code?: number }
  ms: number
}

/** What a collector does: takes OTLP as JSON, and reads all of it. */
class Collector {
  readonly spans: Heard[] = []
  readonly resources: Record<string, unknown>[] = []
  readonly headers: IncomingHttpHeaders[] = []
  /** Of what was posted to another address here, as webhooks are. */
  readonly hooks: IncomingHttpHeaders[] = []
  readonly #server: Server
  url = ''

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk) => {
        text += chunk
      })
      request.on('end', () => {
        if (request.url !== '/v1/traces') {
          this.hooks.push(request.headers)
          return void response.end()
        }
        this.headers.push(request.headers)
        this.#read(text)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
      })
    })
  }

  static async open(): Promise<Collector> {
    const collector = new Collector()
    collector.#server.listen(0, '127.0.0.1')
    await once(collector.#server, 'listening')
    collector.url = `http://127.0.0.1:${(collector.#server.address() as AddressInfo).port}`
    return collector
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #read(text: string): void {
    for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
      this.resources.push(plain(resource.attributes))
      for (const span of scopeSpans[0].spans) {
        const ms = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6
        this.spans.push({ ...span, ms, attributes: plain(span.attributes) })
      }
    }
  }
}

const plain = (attributes: { key: string; value: Record<string, unknown> }[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

let app: TestApp | undefined
let collector: Collector | undefined
afterEach(async () => {
  await app?.drop()
  collector?.close()
  app = undefined
  collector = undefined
})

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const caller = '00f067aa0ba902b7'

it('tells a collector of requests by their route, of statements without values, of jobs, mails and commands', async () => {
  collector = await Collector.open()
  const log = collectLog()
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector, x-team=a',
    TRUSTED_PROXIES: '127.0.0.1',
  }
  app = await createTestApp({ ...settings, PORT: '0' }, { log: log.logger })
  await app.listen()
  const ann = await app.person('ann-of-traces')
  const live = await connect(app, ann)
  await live.ask('ping', {})
  live.close()
  const answer = await ann.patch(
    '/users/me',
    { bio: 'a very private sentence' },
    { traceparent: `00-${traceId}-${caller}-01` },
  )
  expect(answer.status).toBe(200)
  await ann.get('/users/nobody-of-that-name?secret=in-the-query')
  const root = await app.holderOf(['admin'])
  const hook = { name: 'x', url: `${collector.url}/hook`, events: ['login_success'] }
  const made = (await root.post('/webhooks', hook)).json
  await root.post(`/webhooks/${made.id}/test`)
  const { spans, hooks } = collector
  const passedOn = () => readTraceparent(hooks[0]?.traceparent)
  const sending = () =>
    spans.find(({ traceId: id, name }) => name === 'job webhooks.send' && id === passedOn()?.traceId)
  await expect.poll(sending, { timeout: 20_000 }).toBeDefined()
  expect(sending()?.spanId).toBe(passedOn()?.spanId)
  expect(spans.find(({ name }) => name === 'POST webhook')).toMatchObject({ parentSpanId: sending()?.spanId, kind: 3 })
  await expect.poll(() => spans.some(({ name }) => name === 'mail'), { timeout: 20_000 }).toBe(true)
  await app.close()

  const own = collector.spans.filter((span) => span.traceId === traceId)
  const request = own.find(({ kind }) => kind === 2)
  expect(request).toMatchObject({ name: 'PATCH /api/v1/users/me', parentSpanId: caller })
  expect(request?.attributes).toMatchObject({
    ...{ 'http.route': '/api/v1/users/me', 'http.request.method': 'PATCH', 'http.response.status_code': '200' },
  })
  const statements = own.filter((span) => span.parentSpanId === request?.spanId)
  expect(statements.map(({ name }) => name)).toEqual(expect.arrayContaining(['select', 'update', 'transaction']))
  expect(statements.every(({ ms, kind }) => ms >= 0 && ms <= (request?.ms ?? 0) + 1 && kind === 3)).toBe(true)
  const names = new Set(collector.spans.map(({ name }) => name))
  expect([...names]).toEqual(expect.arrayContaining(['socket ping', 'mail', 'POST /api/v1/auth/register']))

  const all = JSON.stringify(collector.spans)
  for (const secret of ['private sentence', 'in-the-query', 'ann-of-traces', ...ann.cookies.values()])
    expect(all).not.toContain(secret)
  expect(collector.resources[0]).toMatchObject({ 'service.name': 'atrium' })
  expect(collector.headers[0]).toMatchObject({ authorization: 'Bearer of-the-collector', 'x-team': 'a' })
  const [line] = log.find('"path":"/api/v1/users/me"').filter(({ method }) => method === 'PATCH')
  expect(line).toMatchObject({ trace_id: traceId })
  expect(log.find('trace_id').some(({ msg }) => msg !== 'request')).toBe(true)
})

it('a caller who is not trusted gives its number, and no say in what is told of', async () => {
  collector = await Collector.open()
  const log = collectLog()
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/v1/traces`, TRACE_PERCENT: '0' }
  app = await createTestApp(settings, { log: log.logger })
  await app.visitor().get('/meta', { traceparent: `00-${traceId}-${caller}-01` })
  await app.close()
  expect(collector.spans).toEqual([])
  expect(log.find(traceId)).toMatchObject([{ path: '/api/v1/meta', trace_id: traceId }])
})

it('a collector that is away harms nobody, and is complained of once a minute', async () => {
  const log = collectLog()
  app = await createTestApp({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, { log: log.logger })
  const visitor = app.visitor()
  for (let i = 0; i < 20; i++) expect((await visitor.get('/meta')).status).toBe(200)
  await app.close()
  expect(log.find('could not be told')).toMatchObject([{ reason: expect.stringMatching(/ECONNREFUSED|bad port/) }])
})

it('what waits for a collector is bounded, of one request and of all', async () => {
  const url = new URL('http://127.0.0.1:1/v1/traces')
  const about = { url, headers: {}, serviceName: 'x', percent: 100, version: '0', instance: 'x', log: silent }
  const tracer = new Tracer(about)
  const long = tracer.begin('long', 'server')
  for (let i = 0; i < 1_000; i++) long.piece('select', 'client', 0, {})
  long.end({})
  expect(tracer.waiting).toBe(201)
  for (let i = 0; i < 10_000; i++) tracer.begin('short', 'server').end({})
  expect(tracer.waiting).toBe(4_096)
  const idle = new Tracer(about)
  idle.begin('job', 'internal').end({}, { isKept: false })
  expect(idle.waiting).toBe(0)
  await tracer.close()
  expect(tracer.waiting).toBeLessThan(4_096)
})

it('traceparent is read as W3C says, and nothing else is', () => {
  const good = `00-${traceId}-${caller}-01`
  expect(readTraceparent(good)).toEqual({ traceId, spanId: caller, isSampled: true })
  expect(readTraceparent(`${good.slice(0, -2)}00`)?.isSampled).toBe(false)
  expect(readTraceparent(`cc${good.slice(2)}-what-comes-later`)).toMatchObject({ traceId })
  for (const bad of [
    undefined,
    '',
    good.toUpperCase(),
    `ff${good.slice(2)}`,
    `00-${'0'.repeat(32)}-${caller}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `${good}0`,
    `${good}-${'x'.repeat(300)}`,
  ])
    expect(readTraceparent(bad), bad).toBeUndefined()
})

it('settings that cannot be used are named', () => {
  const refused = (variables: Record<string, string>) => {
    try {
      loadConfig(variables)
      return []
    } catch (error) {
      return (error as ConfigError).problems.map((line) => line.split(':')[0])
    }
  }
  const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT'
  expect(refused({ [endpoint]: 'localhost:4318' })).toEqual([endpoint])
  expect(refused({ [endpoint]: 'http://a:b@localhost:4318' })).toEqual([endpoint])
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'no value' }
  expect(refused({ [endpoint]: 'http://localhost:4318', ...headers })).toEqual(['OTEL_EXPORTER_OTLP_HEADERS'])
  expect(loadConfig({ [endpoint]: 'http://localhost:4318/otel/' }).tracing?.url.pathname).toBe('/otel/v1/traces')
})

it('nothing of it is loaded where no collector is named', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ load(url, context, next) { if (url.includes('/tracing/')) seen.push(url.split('/').at(-1)); return next(url, context) } })
    const { createApp } = await import(${JSON.stringify(join(import.meta.dirname, '../../app.ts'))})
    console.log(JSON.stringify([typeof createApp, seen]))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  // The settings are read by it, whoever is told.
  expect(JSON.parse(stdout)).toEqual(['function', []])
}, 60_000)
