import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { RequestMeter } from '../../platform/http/request-meter.ts'
import { Histogram, requestBounds } from '../../platform/measure/histogram.ts'
import { LoadHistory } from './load-history.service.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

/** Measures the test's own database and what it says was answered. */
function history() {
  const requests = new RequestMeter()
  const told = { sockets: 0, pending: async () => 0, time: Date.UTC(2026, 0, 1) }
  const load = new LoadHistory({
    requests,
    queries: app.database.meter,
    pool: app.database.pool,
    sockets: () => told.sockets,
    pending: () => told.pending(),
    processes: 1,
    now: () => new Date(told.time),
  })
  const step = async () => {
    told.time += 10_000
    await load.sample()
    return load.read({}).data.at(-1)
  }
  return { requests, told, load, step }
}

describe('H03: how busy the process was', () => {
  it('H03: each step has what happened in it and nothing of the one before', async () => {
    const { requests, told, step } = history()
    for (let i = 0; i < 99; i++) requests.record('GET', '/slow', 200, 2)
    requests.record('GET', '/broken', 503, 2)
    await app.database.db.selectFrom('users').select('id').execute()
    Object.assign(told, { sockets: 3, pending: async () => 7 })
    const first = await step()
    expect(first).toMatchObject({ requests: 100, errors: 1, sockets: 3, pending: 7, pool_waiting: 0 })
    expect(first?.p95_ms).toBeGreaterThan(1000)
    expect(first?.queries).toBeGreaterThanOrEqual(1)
    expect(first?.memory).toBeGreaterThan(1e6)
    for (let i = 0; i < 20; i++) requests.record('GET', '/fast', 200, 0.004)
    const second = await step()
    expect(second).toMatchObject({ requests: 20, errors: 0, queries: 0, query_p95_ms: 0 })
    expect(second?.p95_ms).toBeLessThanOrEqual(5)
    expect(await step()).toMatchObject({ requests: 0, p50_ms: 0, p95_ms: 0 })
    expect(first?.busy).toBeGreaterThanOrEqual(0)
    expect(first?.busy).toBeLessThanOrEqual(1)
  })

  it('what the database does not say is not known; the rest is', async () => {
    const { requests, told, step } = history()
    requests.record('GET', '/', 200, 0.01)
    told.pending = () => Promise.reject(new Error('away'))
    expect(await step()).toMatchObject({ requests: 1, pending: null })
  })

  it('keeps an hour, and tells what is new since a step one has', async () => {
    const { load, step } = history()
    for (let i = 0; i < 365; i++) await step()
    const { data, since, step_seconds } = load.read({})
    expect([data.length, since, step_seconds]).toEqual([360, '2026-01-01T00:00:00.000Z', 10])
    const after = data[357]?.at ?? ''
    expect(load.read({ after }).data).toEqual(data.slice(358))
    expect(load.read({ after: data[359]?.at ?? '' }).data).toEqual([])
    expect(load.read({ after: '2025-01-01T00:00:00.000Z' }).data).toHaveLength(360)
  })

  it('AZ1: is for those who may see how the database answers', async () => {
    const admin = await app.holderOf(['admin'])
    const url = '/api/v1/admin/metrics/history'
    expect((await app.visitor().get(url)).status).toBe(401)
    expect((await (await app.person()).get(url)).status).toBe(403)
    const { status, json } = await admin.get(url)
    expect([status, json.data]).toEqual([200, []])
    expect(json.pool_max).toBeGreaterThanOrEqual(1)
    expect((await admin.get(`${url}?after=yesterday`)).status).toBe(422)
  })
})

it('a histogram tells what came after an earlier state of it', () => {
  const all = new Histogram(requestBounds)
  for (let i = 0; i < 10; i++) all.observe(3)
  const before = new Histogram(requestBounds)
  before.add(all)
  expect([all.since(before).count, all.since(before).quantile(0.5), all.since(before).max]).toEqual([0, 0, 0])
  for (let i = 0; i < 10; i++) all.observe(0.002)
  const since = all.since(before)
  expect([since.count, since.quantile(1) <= 0.0025]).toEqual([10, true])
  expect(since.sum).toBeCloseTo(0.02)
})
