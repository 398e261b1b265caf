import { afterAll, beforeAll, expect, it } from 'vitest'
import { happened, repeated } from '../../../test/audited.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'

let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp()
  admin = await app.holderOf(['admin', 'user'])
})
afterAll(() => app.drop())

it('an export needs a recent proof of identity, is written down, and streams all of it in batches', {
  timeout: 60_000,
}, async () => {
  const own = await createTestApp()
  const auditor = await own.holderOf(['admin', 'user'])
  const userId = newId()
  const id = newId()
  await happened(own, { id, type: 'logout', userId, detail: { i: -1 } })
  await repeated(own, id, 5000, (i) => ({ detail: JSON.stringify({ i }) }))
  const answer = await auditor.get('/admin/audit/export')
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
  expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.ndjson"$/)
  const events = answer.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events[0]).toMatchObject({
    event_type: 'data_export',
    actor: { id: auditor.userId },
    resource: { type: 'audit', id: null },
    detail: { format: 'ndjson' },
  })
  const logouts = events.filter((event) => event.user_id === userId)
  expect(logouts.map((event) => event.detail.i)).toEqual(Array.from({ length: 5001 }, (_, i) => 4999 - i))
  expect(logouts[0]).toEqual((await auditor.get(`/admin/audit?user_id=${userId}&limit=1`)).json.data[0])

  const sizes: number[] = []
  const { batches } = await own.services.auditTrail.export({ user_id: userId })
  for await (const batch of batches) sizes.push(batch.trimEnd().split('\n').length)
  expect(sizes).toEqual([...Array(10).fill(500), 1])

  own.advance(601)
  expect((await auditor.get('/admin/audit/export')).json.code).toBe('reauthentication_required')
  await own.drop()
})

it('M44: an export as CSV is quoted, and nothing in it is a formula', async () => {
  const userId = newId()
  const client = { ip: '203.0.113.10', userAgent: '=cmd|"/c calc"!A1' }
  await happened(
    app,
    { type: 'logout', userId, detail: { '=1': 'a,"b"\r\n' } },
    { client, path: '@x', requestId: '-1' },
  )
  const { headers, body } = await admin.get(`/admin/audit/export?format=csv&user_id=${userId}&success=true`)
  expect(headers['content-type']).toContain('text/csv')
  const [head, line, end] = body.split('\r\n')
  expect(head).toBe(
    '"id","at","event_type","category","outcome","source","actor_kind","actor_id","impersonator_id","user_id","session_id",' +
      '"ip","user_agent","method","path","request_id","resource_type","resource_id","detail","keep_until"',
  )
  expect(line).toContain(`"'=cmd|""/c calc""!A1",,"'@x","'-1",,,"{""=1"":""a,\\""b\\""\\r\\n""}"`)
  expect(end).toBe('')
  const [row] = (await admin.get('/admin/audit?event_type=data_export')).json.data
  expect(row.detail).toEqual({ format: 'csv', user_id: userId, success: true })
})

it('an export that is broken off stops reading', async () => {
  const { batches } = await app.services.auditTrail.export({})
  for await (const _ of batches) break
  expect((await (batches as AsyncGenerator).next()).done).toBe(true)
})
