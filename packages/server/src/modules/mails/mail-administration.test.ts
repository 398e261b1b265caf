import { afterEach, beforeEach, expect, it } from 'vitest'
import { MailServer } from '../../../test/mail-server.ts'
import { Outbox } from '../../../test/outbox.ts'
import type { Visitor } from '../../../test/test-app.ts'

let server: MailServer
let outbox: Outbox
let admin: Visitor
beforeEach(async () => {
  server = await MailServer.start()
  outbox = await Outbox.start(Outbox.settings(server))
  const { app } = outbox
  admin = app.visitor()
  const token = await app.services.setup.prepare()
  const body = { token, username: 'root2', email: 'root@example.com', password: 'a quiet harbour at dawn' }
  expect((await admin.post('/setup', body)).status).toBe(201)
})
afterEach(async () => {
  await outbox.app.drop()
  await server.stop()
})

const refused = 'bad@example.com'
async function deadLetter(change: { expiresAt?: string } = {}): Promise<string> {
  server.judge = (to) => (to === refused ? { at: 'RCPT', code: 550 } : 'take')
  await outbox.write(refused, change)
  await outbox.run()
  server.judge = () => 'take'
  return (await admin.get('/admin/emails?status=dead')).json.data[0].id
}

it('lists what became of mails, and never what they say', async () => {
  await deadLetter()
  await outbox.write('ann@example.com', { locale: 'de' })
  const answer = await admin.get('/admin/emails')
  expect(answer.json.data).toEqual([
    {
      id: expect.any(String),
      to: 'ann@example.com',
      template: 'verify_email',
      locale: 'de',
      status: 'pending',
      attempts: 0,
      last_error: null,
      created_at: expect.any(String),
      sent_at: null,
      next_attempt_at: expect.any(String),
    },
    expect.objectContaining({
      to: refused,
      status: 'dead',
      attempts: 1,
      last_error: expect.stringContaining('550'),
      next_attempt_at: null,
    }),
  ])
  expect(answer.body).not.toMatch(/token=|01234567|Ann/)
  expect((await admin.get('/admin/emails?status=lost')).status).toBe(422)
})

it('pages through them, one status at a time', async () => {
  for (let i = 0; i < 5; i++) await outbox.write(`person${i}@example.com`)
  const seen: string[] = []
  let cursor = ''
  do {
    const answer = await admin.get(`/admin/emails?status=pending&limit=2${cursor && `&cursor=${cursor}`}`)
    seen.push(...answer.json.data.map(({ to }: { to: string }) => to))
    cursor = answer.json.page.next_cursor ?? ''
    if (cursor) {
      const elsewhere = await admin.get(`/admin/emails?status=dead&cursor=${cursor}`)
      expect(elsewhere.json.code).toBe('bad_cursor')
    }
  } while (cursor)
  expect(seen).toEqual([4, 3, 2, 1, 0].map((i) => `person${i}@example.com`))
})

it('sends a dead letter again, once', async () => {
  const id = await deadLetter()
  const answers = await Promise.all(Array.from({ length: 20 }, () => admin.post(`/admin/emails/${id}/retry`, {})))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)])
  expect(answers.find(({ status }) => status === 200)?.json).toMatchObject({ id, status: 'pending', attempts: 0 })
  await outbox.run()
  expect(server.mails).toHaveLength(1)
  const again = await admin.post(`/admin/emails/${id}/retry`, {})
  expect([again.status, again.json.code, again.json.detail]).toEqual([409, 'state_conflict', 'This mail was sent'])
  const audit = await outbox.app.database.db
    .selectFrom('audit_events')
    .select(['actor_id', 'resource_id'])
    .where('type', '=', 'mail_retried')
    .execute()
  expect(audit).toEqual([{ actor_id: admin.userId || expect.any(String), resource_id: id }])
})

it('does not send one whose link has ended', async () => {
  const id = await deadLetter({ expiresAt: new Date(outbox.app.now().getTime() + 60_000).toISOString() })
  outbox.app.advance(61)
  expect((await admin.post(`/admin/emails/${id}/retry`, {})).json.code).toBe('state_conflict')
  await outbox.app.services.mails.purge()
  expect((await admin.post(`/admin/emails/${id}/retry`, {})).json.code).toBe('state_conflict')
  expect((await admin.post('/admin/emails/01a1fe26-1cf7-759c-bba2-63e2bff211a9/retry', {})).status).toBe(404)
})

it('AZ2: is for those who may', async () => {
  const id = await deadLetter()
  const ann = await outbox.app.person('ann')
  for (const visitor of [ann, outbox.app.visitor()]) {
    const expected = visitor === ann ? 403 : 401
    expect((await visitor.get('/admin/emails')).status).toBe(expected)
    expect((await visitor.post(`/admin/emails/${id}/retry`, {})).status).toBe(expected)
  }
  expect((await outbox.rows()).find((row) => row.id === id)?.status).toBe('dead')
})
