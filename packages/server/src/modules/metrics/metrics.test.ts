import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testEngine } from '../../../test/databases.ts'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

const token = 'a-monitor-of-this-test-and-of-no-other'
let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp({ METRICS_TOKEN: token, PORT: '0' })
  admin = await app.holderOf(['admin'])
})
afterAll(() => app.drop())

const bearer = { authorization: `Bearer ${token}` }
const scrape = async (headers: Record<string, string> = bearer) => (await app.visitor().get('/metrics', headers)).body
/** The value of a series, by its beginning. */
const seriesValue = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((line) => line.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

it('H03: /metrics tells prom-client’s numbers and ours', async () => {
  await app.visitor().get('/meta')
  const live = await (async () => {
    await app.listen()
    return connect(app, await app.person())
  })()
  const answer = await app.visitor().get('/metrics', bearer)
  expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'no-store',
  ])
  const text = answer.body
  expect(text).toContain('# TYPE http_request_duration_seconds histogram')
  for (const name of [
    'process_cpu_user_seconds_total',
    'nodejs_eventloop_lag_seconds',
    'process_resident_memory_bytes',
  ])
    expect(text).toContain(`\n${name} `)
  const labels = 'method="GET",route="/api/v1/meta",status_code="200"'
  expect(seriesValue(text, `http_request_duration_seconds_count{${labels}}`)).toBe(1)
  expect(seriesValue(text, `http_request_duration_seconds_bucket{${labels},le="+Inf"}`)).toBe(1)
  expect(seriesValue(text, 'socket_connections')).toBe(1)
  expect(seriesValue(text, 'jobs_pending{queue="mails"}')).toBeGreaterThanOrEqual(0)
  expect(seriesValue(text, 'db_pool_max')).toBe(testEngine === 'sqlite' ? 1 : 10)
  expect(seriesValue(text, 'db_pool_waiting')).toBe(0)
  if (testEngine === 'sqlite') expect(seriesValue(text, 'db_log_bytes')).toBeGreaterThan(0)
  else expect(text).not.toContain('db_log_bytes')
  expect(seriesValue(text, 'db_query_duration_seconds_count{kind="select"}')).toBeGreaterThan(3)
  live.close()
})

it('counts each answer once, and a refused one by its route too', async () => {
  const count = async (labels: string) =>
    seriesValue(await scrape(), `http_request_duration_seconds_count{${labels}}`) ?? 0
  const refused = 'method="GET",route="/api/v1/admin/users/:id",status_code="401"'
  const before = await count(refused)
  for (let i = 0; i < 3; i++) await app.visitor().get(`/admin/users/0189000${i}-0000-7000-8000-000000000000`)
  expect(await count(refused)).toBe(before + 3)
})

it('CF2 LO1: hostile paths, methods, hosts and headers make no labels', async () => {
  const seriesOf = (text: string) =>
    text.split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count{'))
  const before = seriesOf(await scrape()).length
  for (let i = 0; i < 300; i++) {
    const visitor = app.visitor()
    await visitor.get(`/nothing/here-${i}"} 1\\n`)
    await visitor.get(`/api/v1/admin/users/${i}-secret-word?token=secret-word-${i}`)
    await visitor.get(`/files/${i}%22%7D%0Asecret-word`, { 'x-request-id': `secret-word-${i}`, host: `h${i}` })
  }
  for (const method of ['PROPFIND', 'PURGE', 'LINK', 'TRACE', 'MKCOL', 'SEARCH', 'M-SEARCH']) {
    await app.http.inject({ method: method as 'GET', url: '/nothing' })
  }
  const text = await scrape()
  expect(seriesOf(text).length).toBeLessThanOrEqual(before + 6)
  for (const word of ['secret-word', 'here-', token]) expect(text).not.toContain(word)
  expect(text.split('\n').filter((line) => !/^(#.*|[a-z0-9_]+(\{[^{}]*\})? \S+|)$/.test(line))).toEqual([])
})

it('CF2: without the token it is for this machine alone, asked by nobody else', async () => {
  const ask = async (headers: Record<string, string>, remoteAddress = '127.0.0.1') => {
    const { statusCode } = await app.http.inject({ url: '/metrics', headers, remoteAddress })
    return statusCode
  }
  expect(await ask({})).toBe(200)
  expect(await ask({}, '::1')).toBe(200)
  expect(await ask({}, '203.0.113.9')).toBe(401)
  expect(await ask(bearer, '203.0.113.9')).toBe(200)
  expect(await ask({ authorization: `Bearer ${token}x` }, '203.0.113.9')).toBe(401)
  expect(await ask({ authorization: 'Bearer ' }, '203.0.113.9')).toBe(401)
  for (const name of [
    ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'forwarded', 'x-real-ip'],
    ...['via', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip', 'x-original-url'],
  ])
    expect([name, await ask({ [name]: '127.0.0.1' })]).toEqual([name, 401])
  // A page whose name leads to this address (DNS rebinding).
  expect(await ask({ host: 'evil.example' })).toBe(401)
})

it('H03: METRICS_TOKEN opens nothing else', async () => {
  for (const url of ['/admin/users', '/admin/metrics/queries', '/users/me', '/admin/audit']) {
    const { status, json } = await app.visitor().get(url, bearer)
    expect([url, status, json.code]).toEqual([url, 401, 'token_invalid'])
  }
})

it('H01 H03: the details are for administrators and monitors', async () => {
  const names = ['detailed', 'database', 'redis', 'storage', 'email']
  const person = await app.person()
  for (const name of names) {
    const url = `/api/v1/health/${name}`
    expect((await app.visitor().get(url)).status).toBe(401)
    expect((await app.visitor().get(url, { authorization: 'Bearer x'.repeat(9) })).status).toBe(401)
    expect((await person.get(url)).status).toBe(403)
    expect((await admin.get(url)).status).toBe(200)
    expect((await app.visitor().get(url, bearer)).status).toBe(200)
  }
  const { json } = await admin.get('/api/v1/health/detailed')
  expect(json).toMatchObject({
    status: 'ok',
    version: app.services.version,
    dependencies: {
      database: { status: 'ok', detail: { pool: { waiting: expect.any(Number) } } },
      redis: { status: 'off', latency_ms: null },
      storage: { status: 'ok', detail: { kind: 'disk' } },
      email: { status: 'ok', detail: { driver: 'mailbox', dead: 0 } },
    },
    requests: { window_seconds: 300 },
  })
  expect(json.memory.rss).toBeGreaterThan(json.memory.heap_used)
  expect(json.requests.count).toBeGreaterThan(5)
  expect(json.dependencies.database.latency_ms).toBeGreaterThanOrEqual(0)
})

it('H03: what the database was asked is told by statement, without values', async () => {
  const word = 'a-value-that-is-nobodys-business'
  const { db, unitOfWork } = app.database
  for (let i = 0; i < 4; i++) await db.selectFrom('users').select('id').where('email_key', '=', `${word}${i}`).execute()
  await unitOfWork(({ tx }) =>
    sql`select id from users where bio = ${sql.lit(word)} and id = ${'x'}`.execute(tx),
  ).catch(() => {})
  const { json } = await admin.get('/admin/metrics/queries?sort=count&limit=100')
  const mine = json.data.find(({ statement }: { statement: string }) => /email_key.? = \?$/.test(statement))
  expect(mine).toMatchObject({ count: 4, errors: 0 })
  expect(mine.p95_ms).toBeLessThanOrEqual(mine.max_ms)
  const counts = json.data.map(({ count }: { count: number }) => count)
  expect(counts).toEqual([...counts].sort((a, b) => b - a))
  const told = JSON.stringify([json, (await admin.get('/admin/metrics/slow-queries')).json])
  expect(told).toContain("bio = '…'")
  expect(told).not.toContain(word)
  const summary = (await admin.get('/admin/metrics/database')).json
  expect(summary.queries.count).toBeGreaterThan(10)
  expect(summary).toMatchObject({ slow_threshold_ms: 1000, pool: { waiting: expect.any(Number) } })
  for (const bad of ['sort=statement', 'limit=0', 'limit=101', 'x=1'])
    expect((await admin.get(`/admin/metrics/queries?${bad}`)).status).toBe(422)
})

it('H03: inserts of any number of rows are one statement', async () => {
  const { meter } = app.database
  for (let rows = 1; rows <= 40; rows++) {
    const values = Array.from({ length: rows }, (_, i) => ({ user_id: admin.userId, role: `r${rows}-${i}` }))
    await app.database.unitOfWork(({ tx }) => tx.insertInto('user_roles').values(values).execute())
  }
  // Of one row and of several; what jobs of the server ask for meanwhile is no matter.
  const inserts = meter.statements.filter(({ statement }) => /^insert into .user_roles/.test(statement))
  expect(inserts.length).toBeGreaterThan(0)
  expect(inserts.length).toBeLessThanOrEqual(2)
})

it('H03: there is a bound to the statements that are kept', async () => {
  for (let i = 0; i < 3_000; i++) app.database.meter.record(`select ${i} from t`, 0.001, false)
  expect(app.database.meter.statements.length).toBeLessThanOrEqual(503)
  await admin.post('/admin/metrics/reset')
})

it('H03: slow statements, and those one request runs again and again, are told with their route', async () => {
  const { meter } = app.database
  const probe = app.services.adminUsers
  const list = probe.list.bind(probe)
  // A route as a careless change could make it.
  probe.list = async (...args) => {
    for (let i = 0; i < 12; i++)
      await app.database.db.selectFrom('roles').select('name').where('name', '=', `${i}`).execute()
    meter.record('select pg_sleep(?)', 1.25, false)
    return list(...args)
  }
  expect((await admin.get('/admin/users')).status).toBe(200)
  probe.list = list
  const { json } = await admin.get('/admin/metrics/slow-queries')
  expect(json.data).toMatchObject([
    { statement: 'select pg_sleep(?)', duration_ms: 1250, failed: false, path: '/api/v1/admin/users' },
  ])
  expect(json.repeated).toMatchObject([{ path: '/api/v1/admin/users', most: 12, requests: 1 }])
  expect(json.repeated[0].statement).toContain('roles')

  expect((await admin.post('/admin/metrics/reset')).status).toBe(204)
  const after = (await admin.get('/admin/metrics/slow-queries')).json
  expect([after.data, after.repeated]).toEqual([[], []])
  expect(seriesValue(await scrape(), 'db_query_duration_seconds_count{kind="select"}')).toBeGreaterThan(10)
})

it('CF2: a token that could be guessed stops the start', async () => {
  for (const METRICS_TOKEN of ['short', 'has a space in the middle of it'])
    await expect(createTestApp({ METRICS_TOKEN })).rejects.toThrow('METRICS_TOKEN: needs at least 20 characters')
})
