import { afterEach, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

it('everybody who is here hears an announcement at once, and who comes reads it from its beginning to its end', async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  const root = await app.holderOf(['admin'])
  const ann = await app.person('ann')
  const texts = async () => (await ann.get('/announcements')).json.data.map(({ text }: { text: string }) => text)
  const live = await connect(app, ann)

  const made = await root.post('/admin/announcements', { level: 'warning', text: ' We move at noon. ' })
  expect(made.status).toBe(201)
  expect(made.json).toMatchObject({
    ...{ text: 'We move at noon.', level: 'warning', state: 'shown', ends_at: null, dismissible: true },
    created_by: { id: root.userId },
  })
  const { id } = made.json
  expect(await live.hears('system.notice')).toEqual({
    ...{ id, level: 'warning', text: 'We move at noon.', until: null, dismissible: true, version: 1 },
  })
  expect(await texts()).toEqual(['We move at noon.'])

  const minute = 60_000
  const at = (ms: number) => new Date(app.now().getTime() + ms).toISOString()
  const later = await root.post('/admin/announcements', {
    text: 'Later',
    starts_at: at(4 * minute),
    ends_at: at(8 * minute),
  })
  expect(later.json.state).toBe('coming')
  expect(await texts()).toEqual(['We move at noon.'])
  app.advance(241)
  expect(await texts()).toEqual(['Later', 'We move at noon.'])
  app.advance(241)
  expect(await texts()).toEqual(['We move at noon.'])

  const patched = await root.patch(`/admin/announcements/${id}`, { text: 'We moved.', dismissible: false })
  expect(patched.json).toMatchObject({ text: 'We moved.', level: 'warning', version: 2 })
  expect(await live.hears('system.notice', ({ version }) => version === 2)).toMatchObject({ dismissible: false })
  const stale = await root.patch(`/admin/announcements/${id}`, { level: 'info' }, { 'if-match': '"1"' })
  expect(stale.json.code).toBe('precondition_failed')
  expect((await root.delete(`/admin/announcements/${id}`)).status).toBe(204)
  live.close()
  expect(await texts()).toEqual([])

  const states = (await root.get('/admin/announcements')).json.data.map(({ state }: { state: string }) => state)
  expect(states).toEqual(['over'])
  const written = (await root.get('/admin/audit?category=system')).json.data
  expect(written.map(({ event_type }: { event_type: string }) => event_type)).toEqual([
    ...['announcement_deleted', 'announcement_updated', 'announcement_created', 'announcement_created'],
  ])
})

it('one that ends before it begins, or says nothing, is none; only administrators announce', async () => {
  app = await createTestApp()
  const root = await app.holderOf(['admin'])
  const ann = await app.person('ann')
  const post = (who: typeof root, body: object) => who.post('/admin/announcements', body)
  for (const body of [
    { text: '   ' },
    { text: 'x', level: 'loud' },
    { text: 'x', ends_at: '2020-01-01T00:00:00Z' },
    { text: 'x'.repeat(501) },
  ])
    expect((await post(root, body)).status).toBe(422)
  expect((await post(ann, { text: 'x' })).status).toBe(403)
  expect((await ann.get('/admin/announcements')).status).toBe(403)
  expect((await app.visitor().get('/api/v1/announcements')).status).toBe(401)
  expect((await root.delete(`/admin/announcements/${root.userId}`)).json.code).toBe('not_found')
})
