import { afterEach, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Job } from './jobs.schema.ts'

let app: TestApp
afterEach(() => app.drop())

it('shows what the server does by itself and what waits; one turn is begun by hand, and written down', async () => {
  app = await createTestApp({ PORT: '0' })
  const root = await app.holderOf(['admin'])
  const jobs = async () => (await root.get('/admin/jobs')).json
  const job = async (id: string): Promise<Job> => (await jobs()).data.find((each: Job) => each.id === id)
  expect(await job('idempotency.purge')).toEqual({
    ...{ id: 'idempotency.purge', every_seconds: 600, running: false, turns: 0, failures: 0 },
    ...{ last: null, next_at: null },
  })
  expect((await jobs()).queues).toEqual([
    { name: 'mails', waiting: 0, oldest_due: null, failed: 0 },
    { name: 'webhooks', waiting: 0, oldest_due: null, failed: 0 },
  ])

  await app.listen()
  const live = await connect(app, root)
  const begun = await root.post('/admin/jobs/idempotency.purge/retry')
  expect(begun.status).toBe(202)
  await live.hears('admin.changed', (news) => (news as { what: string }).what === 'jobs')
  live.close()
  const after = await job('idempotency.purge')
  expect(after).toMatchObject({
    running: false,
    turns: 1,
    failures: 0,
    last: { outcome: 'done', done: 0, error: null },
  })
  expect(Date.parse(after.next_at ?? '')).toBeGreaterThan(app.now().getTime())
  expect((await root.get('/admin/audit?event_type=job_run')).json.data).toEqual([
    expect.objectContaining({ resource: { type: 'job', id: 'idempotency.purge' }, success: true }),
  ])

  expect((await root.post('/admin/jobs/no.such/retry')).json.code).toBe('not_found')
  const ann = await app.person('ann')
  expect((await ann.get('/admin/jobs')).status).toBe(403)
  expect((await ann.post('/admin/jobs/idempotency.purge/retry')).status).toBe(403)
})
