import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import { postMessage } from './post-message.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: string
}

let app: TestApp
let root: Visitor
let receiver: Server
let received: Received[]
let status: number
let broken = 0
beforeAll(async () => {
  app = await createTestApp()
  root = await app.holderOf(['admin'], 'root-of-hooks')
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === '/broken') {
        broken++
        response.writeHead(500).end()
        return
      }
      received.push({ headers: request.headers, body })
      response.writeHead(status, status === 302 ? { location: `${origin()}/elsewhere` } : {}).end('thanks')
    })
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
afterAll(async () => {
  await app.drop()
  receiver.close()
})
beforeEach(async () => {
  ;[received, status] = [[], 200]
  root = await app.holderOf(['admin'])
  await app.services.auditChain.seal()
  for (const { id } of (await root.get('/webhooks')).json.data) await root.delete(`/webhooks/${id}`)
})

const origin = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
const make = async (more: object = {}) => {
  const answer = await root.post('/webhooks', { name: 'ops', url: `${origin()}/hook`, events: ['*'], ...more })
  expect(answer.status).toBe(201)
  return answer.json as { id: string; secret: string }
}
/** What happened is sealed, told and sent. */
const run = async () => {
  await app.services.auditChain.seal()
  return app.services.webhookSender.run()
}
const typesOf = () => received.map(({ body }) => JSON.parse(body).type)
const deliveriesOf = async (id: string) => (await root.get(`/webhooks/${id}/deliveries`)).json.data
const isSigned = ({ headers, body }: Received, secret: string) => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

describe('webhooks', () => {
  it('tell what happens from then on, signed as Standard Webhooks say, once each', async () => {
    await app.person('before-the-hook')
    await run()
    const { id, secret } = await make({ events: ['user_created', 'login_failed'] })
    const ann = await app.person('told-of')
    await app.visitor().post('/auth/login', { identifier: 'told-of', password: 'wrong words entirely' })
    await Promise.all([run(), run()])
    await run()
    expect(typesOf().sort()).toEqual(['login_failed', 'user_created'])
    for (const message of received) expect(isSigned(message, secret)).toBe(true)
    const created = received.find(({ body }) => body.includes('"type":"user_created"'))
    const { data, timestamp } = JSON.parse(created?.body ?? '')
    expect(data).toMatchObject({ event_type: 'user_created', user_id: ann.userId, success: true })
    expect(created?.headers['webhook-id']).toBe(data.id)
    expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000)
    expect(await deliveriesOf(id)).toMatchObject([
      { status: 'delivered', attempts: 1, response_status: 200, last_error: null },
      { status: 'delivered', attempts: 1, response_status: 200, last_error: null },
    ])
  })

  it('do not wait for one that does not answer and has much to be told', async () => {
    const slow = await make({ url: `${origin()}/broken`, events: ['user_created'] })
    for (let i = 0; i < 20; i++) expect((await root.post(`/webhooks/${slow.id}/test`)).status).toBe(202)
    const well = await make({ events: ['user_created'] })
    await root.post(`/webhooks/${well.id}/test`)
    await run()
    expect(typesOf()).toEqual(['webhook.test'])
    expect(broken).toBe(4)
    expect((await deliveriesOf(slow.id)).filter(({ attempts }: { attempts: number }) => attempts > 0)).toHaveLength(4)
  })

  it('keep the secret sealed, and show it once', async () => {
    const { id, secret } = await make()
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
    expect((await root.get(`/webhooks/${id}`)).body).not.toContain(secret.slice(6))
    const row = await app.database.db.selectFrom('webhooks').selectAll().executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(secret.slice(6))
  })

  it('have a secret that is changed while the old one still counts, for a day or not at all', async () => {
    const { id, secret } = await make({ events: ['user_created'] })
    const rotate = async (body: object) => (await root.post(`/webhooks/${id}/rotate-secret`, body)).json
    const second = await rotate({})
    expect([second.secret === secret, Date.parse(second.old_secret_until) > app.now().getTime()]).toEqual([false, true])
    const signers = async (...secrets: string[]) => {
      received = []
      await root.post(`/webhooks/${id}/test`)
      await run()
      const [message] = received as [Received]
      const each = String(message.headers['webhook-signature']).split(' ')
      const one = (signature: string) => ({
        ...message,
        headers: { ...message.headers, 'webhook-signature': signature },
      })
      return secrets.map((known) => each.findIndex((signature) => isSigned(one(signature), known)))
    }
    expect(await signers(second.secret, secret)).toEqual([0, 1])
    app.advance(86_401)
    root = await app.holderOf(['admin'])
    expect(await signers(second.secret, secret)).toEqual([0, -1])
    const third = await rotate({ overlap_hours: 0 })
    expect(third.old_secret_until).toBe(null)
    expect(await signers(third.secret, second.secret)).toEqual([0, -1])
    expect((await root.post(`/webhooks/${newId()}/rotate-secret`, {})).status).toBe(404)
  })

  it('are told of successes only, or of what failed only', async () => {
    await make({ events: ['login_success', 'login_failed'], filter: { success: false } })
    await app.person('for-the-filter')
    await app.visitor().post('/auth/login', { identifier: 'for-the-filter', password: 'wrong words entirely' })
    await run()
    expect(typesOf()).toEqual(['login_failed'])
  })

  it('are tried eight times within a day, then switched off, and the administrators are told', async () => {
    const { id } = await make({ events: ['user_created'] })
    status = 500
    await app.person('of-the-failing')
    await run()
    expect(await deliveriesOf(id)).toMatchObject([{ status: 'pending', attempts: 1, last_error: 'It answered 500' }])
    await app.services.webhookSender.run()
    expect(received, 'not before its time').toHaveLength(1)
    let waited = 0
    for (const delay of [5, 300, 1_800, 7_200, 18_000, 28_800, 28_800]) {
      waited += delay
      app.advance(delay)
      await app.services.webhookSender.run()
    }
    app.advance(86_400)
    await app.services.webhookSender.run()
    expect([received.length, waited <= 86_400]).toEqual([8, true])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    const { db } = app.database
    const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ enabled: 0, disabled_reason: expect.stringContaining('8 times: It answered 500') })
    const notices = await db.selectFrom('notifications').select('data').where('user_id', '=', root.userId).execute()
    expect(notices.map(({ data }) => JSON.parse(data).text)).toEqual([expect.stringMatching(/“ops” was switched off/)])
  })

  it('end at once where the receiver says that it is gone; a redirect is a failure and is not followed', async () => {
    const [one, two] = [await make({ events: ['user_created'] }), await make({ events: ['user_suspended'] })]
    status = 410
    const someone = await app.person('who-is-gone')
    await run()
    status = 302
    await root.post(`/admin/users/${someone.userId}/suspend`, {})
    await run()
    expect((await root.get(`/webhooks/${one.id}`)).json).toMatchObject({ enabled: false })
    expect(await deliveriesOf(two.id)).toMatchObject([{ status: 'pending', last_error: 'It answered 302' }])
    expect(received).toHaveLength(2)
  })

  it('can be tried, and a message can be sent again with its id', async () => {
    const { id } = await make({ events: ['user_deleted'] })
    const test = await root.post(`/webhooks/${id}/test`)
    expect([test.status, test.json.event_type]).toEqual([202, 'webhook.test'])
    await run()
    const again = await root.post(`/webhooks/${id}/deliveries/${test.json.id}/redeliver`)
    expect([again.status, again.json.status]).toEqual([202, 'pending'])
    await run()
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([test.json.id, test.json.id])
    const strange = await root.post(`/webhooks/${id}/deliveries/${id}/redeliver`)
    expect(strange.status).toBe(404)
  })

  it('are changed, switched off and on: what happened meanwhile is not told', async () => {
    const { id } = await make({ events: ['user_created'] })
    const off = await root.patch(`/webhooks/${id}`, { enabled: false }, { 'if-match': '"v1"' })
    expect([off.status, off.json.enabled]).toEqual([200, false])
    expect((await root.post(`/webhooks/${id}/test`)).status).toBe(409)
    await app.person('while-it-was-off')
    await app.services.auditChain.seal()
    expect((await root.patch(`/webhooks/${id}`, { enabled: true, name: 'new' })).json).toMatchObject({ name: 'new' })
    expect((await root.patch(`/webhooks/${id}`, { name: 'late' }, { 'if-match': '"v1"' })).status).toBe(412)
    await app.person('while-it-was-on')
    await run()
    expect(received.map(({ body }) => JSON.parse(body).type)).toEqual(['user_created'])
    expect((await root.delete(`/webhooks/${id}`)).status).toBe(204)
    expect((await root.get(`/webhooks/${id}/deliveries`)).status).toBe(404)
  })

  it('what a process was sending when it died is sent by another, once its lease is over', async () => {
    const { id } = await make({ events: ['user_deleted'] })
    const { json } = await root.post(`/webhooks/${id}/test`)
    const until = new Date(app.now().getTime() + 60_000).toISOString()
    await app.database.unitOfWork(({ tx }) =>
      tx
        .updateTable('webhook_deliveries')
        .set({ status: 'sending', attempts: 1, lease_id: json.id, next_attempt_at: until })
        .where('id', '=', json.id)
        .execute(),
    )
    await run()
    expect(received).toHaveLength(0)
    app.advance(61)
    await run()
    expect([received.length, (await deliveriesOf(id))[0]]).toMatchObject([1, { status: 'delivered', attempts: 2 }])
  })

  it('are forgotten a month after they were sent', async () => {
    const { id } = await make({ events: ['user_deleted'] })
    await root.post(`/webhooks/${id}/test`)
    await run()
    const { db } = app.database
    const count = async () => (await db.selectFrom('webhook_deliveries').select('id').execute()).length
    expect(await app.services.webhookSender.purge()).toBe(0)
    app.advance(31 * 86_400)
    expect([await app.services.webhookSender.purge(), await count()]).toEqual([1, 0])
  })
})

describe('M50: addresses that are not of the internet', () => {
  const bad = [
    ...['https://127.0.0.1/', 'https://[::1]/', 'https://0.0.0.0/', 'https://169.254.169.254/latest/meta-data'],
    ...['https://[::ffff:169.254.169.254]/', 'https://2130706433/', 'https://0177.1/', 'https://127.1/'],
    ...['https://①②⑦.0.0.1/', 'https://localhost/', 'https://printer/', 'https://10.0.0.1/', 'https://[fd00::1]/'],
    ...['http://example.com/', 'file:///etc/passwd', 'gopher://example.com/', 'https://a:b@example.com/'],
    ...['https://example.com:22/', 'https://example.com:25/', 'https://example.com:6379/', 'nonsense'],
  ]

  it('M50: none of them can be a webhook, and none is called', async () => {
    const strict = await createTestApp({ TESTING: 'false', RATE_LIMIT_PROFILE: 'standard' })
    const admin = await strict.holderOf(['admin'], 'admin-of-strict')
    for (const url of bad) {
      const answer = await admin.post('/webhooks', { name: 'x', url, events: ['*'] })
      expect([url, answer.status, answer.json.errors?.[0]?.code]).toEqual([url, 422, 'address_refused'])
    }
    await strict.drop()
    const signal = AbortSignal.timeout(5_000)
    for (const url of [...bad, origin(), `${origin().replace('http', 'https')}/`]) {
      const called = postMessage({ url, headers: {}, body: '{}', signal }, { loopbackAllowed: false })
      await expect(called, url).rejects.toThrow()
    }
    expect(received).toEqual([])
  })
})
