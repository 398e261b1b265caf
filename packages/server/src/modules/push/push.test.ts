import { createECDH } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { silent } from '../../../test/databases.ts'
import { PushService, readVapid } from '../../../test/push-service.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import { PushSender } from './index.ts'

const path = '/users/me/push-subscriptions'

let app: TestApp
let service: PushService
beforeAll(async () => {
  service = await PushService.start()
  app = await createTestApp({ VAPID_SUBJECT: 'mailto:ops@example.com' })
})
afterAll(async () => {
  await app.drop()
  await service.stop()
})

interface Told {
  actorId?: string
  messageId?: string
  quiet?: boolean
}

const tell = async (to: readonly Visitor[], { actorId, messageId, quiet = false }: Told = {}) => {
  await app.database.unitOfWork(async (uow) => {
    const drafts = to.map(({ userId }) => ({
      ...{ userId, type: 'message_mention' as const, actorId: actorId ?? null, quiet },
      target: { type: 'message', id: newId(), url: '/messages/1' },
      data: messageId === undefined ? {} : { message_id: messageId },
    }))
    await uow.append(await app.services.notifications.notify(uow, drafts))
  })
  await app.services.pushSender.settled()
}
let names = 0
const subscribe = async (who: Visitor) => {
  const browser = service.browser(`browser-${++names}`)
  const answer = await who.post(path, browser.subscription)
  expect(answer.status).toBe(201)
  return Object.assign(browser, { id: answer.json.id as string })
}
const idsOf = async (who: Visitor) => (await who.get(path)).json.data.map(({ id }: { id: string }) => id)

describe('N01: pushes', () => {
  it('N01: reach the browser, which alone can read them, signed with the key it subscribed with', async () => {
    const [ann, bob] = [await app.person('push-ann'), await app.person('push-bob')]
    const { public_key } = (await bob.get('/push/vapid-key')).json
    const [browser, stranger] = [await subscribe(bob), service.browser('stranger')]
    await tell([bob], { actorId: ann.userId })
    const [push, ...more] = service.to(browser)
    expect(more).toEqual([])
    expect(browser.read(push?.body ?? Buffer.of())).toMatchObject({
      ...{ type: 'message_mention', title: 'push-ann mentioned you', body: null, url: '/messages/1' },
    })
    expect(() => stranger.read(push?.body ?? Buffer.of())).toThrow()
    expect(push?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400' })
    const { key, claims } = readVapid(push?.headers.authorization)
    expect(key).toBe(public_key)
    expect(claims).toMatchObject({ aud: service.origin, sub: 'mailto:ops@example.com' })
    const hours = (claims.exp * 1000 - app.now().getTime()) / 3_600_000
    expect(hours > 1 && hours <= 24).toBe(true)
  })

  it('N01: carry the text of a message only if the person wants that', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const room = await app.conversation(ann, bob)
    const sent = await ann.post(`/conversations/${room}/messages`, { client_id: 'a', text: 'the key is under the mat' })
    const browser = await subscribe(bob)
    await tell([bob], { actorId: ann.userId, messageId: sent.json.id })
    await bob.put('/users/me/notification-preferences', { push_previews: false })
    await tell([bob], { actorId: ann.userId, messageId: sent.json.id })
    const bodies = service.to(browser).map(({ body }) => (browser.read(body) as { body: string | null }).body)
    expect(bodies).toEqual(['the key is under the mat', null])
  })

  it('N02: not for what is quiet, in quiet hours, or turned off', async () => {
    const bob = await app.person()
    const browser = await subscribe(bob)
    await tell([bob], { quiet: true })
    const hour = (shift: number) => new Date(app.now().getTime() + shift * 3_600_000).toISOString().slice(11, 16)
    const quiet_hours = { start: hour(-1), end: hour(1), time_zone: 'UTC' }
    await bob.put('/users/me/notification-preferences', { quiet_hours })
    await tell([bob])
    await bob.put('/users/me/notification-preferences', { message_mention: { push: false } })
    await tell([bob])
    expect(service.to(browser)).toEqual([])
    await bob.put('/users/me/notification-preferences', {})
    await tell([bob])
    expect(service.to(browser)).toHaveLength(1)
    expect((await bob.get('/notifications')).json.unread_count).toBe(4)
  })

  it('N01: nothing of a unit that was taken back', async () => {
    const bob = await app.person()
    const browser = await subscribe(bob)
    const failing = app.database.unitOfWork(async (uow) => {
      const target = { type: 'message', id: newId(), url: '/' }
      const draft = { userId: bob.userId, type: 'system' as const, actorId: null, target, data: {} }
      await app.services.notifications.notify(uow, [draft])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await app.services.pushSender.settled()
    expect(service.to(browser)).toEqual([])
  })

  it('a browser that is gone is forgotten; one whose service fails is not', async () => {
    const bob = await app.person()
    const [unknown, gone, fine] = [await subscribe(bob), await subscribe(bob), await subscribe(bob)]
    const verdicts: Record<string, number> = { [unknown.endpoint]: 404, [gone.endpoint]: 410, [fine.endpoint]: 413 }
    service.judge = (name) => verdicts[service.origin + name] ?? 201
    await tell([bob])
    service.judge = () => 201
    expect(await idsOf(bob)).toEqual([fine.id])
    await tell([bob])
    expect([unknown, gone, fine].map((browser) => service.to(browser).length)).toEqual([1, 1, 2])
  })

  it('M50: a redirect is not followed', async () => {
    const bob = await app.person()
    const browser = await subscribe(bob)
    service.judge = () => 302
    await tell([bob])
    service.judge = () => 201
    expect(service.to(browser)).toHaveLength(1)
    expect(service.received.filter(({ path: name }) => name === '/elsewhere')).toEqual([])
  })

  it('AU14: a browser that was signed out hears nothing, and is forgotten', async () => {
    const bob = await app.person()
    const other = app.visitor()
    await other.post('/auth/login', { identifier: bob.username, password: 'a quiet harbour at dawn' })
    const [left, stayed] = [await subscribe(bob), await subscribe(other)]
    await bob.post('/auth/logout')
    await tell([bob])
    expect([service.to(left).length, service.to(stayed).length]).toEqual([0, 1])
    expect(await idsOf(other)).toEqual([stayed.id])
  })
})

/** A sender with limits of its own. */
const senderWith = (limits: object, log = silent) =>
  new PushSender({
    ...{ database: app.database, keys: app.services.vapidKeys, rules: { loopbackAllowed: true }, log, now: app.now },
    ...{ subject: 'mailto:a@example.com', listEnded: async () => [], limits },
  })

describe('what is slow or broken', () => {
  it('a service that does not answer is left alone for a while, and keeps nobody waiting', async () => {
    const bob = await app.person()
    const browser = await subscribe(bob)
    const sender = senderWith({ answerMs: 100 })
    const message = async () => [{ userId: bob.userId, payload: { n: 1 } }]
    service.judge = () => 'hang'
    sender.offer([bob.userId], message)
    await sender.settled()
    service.judge = () => 201
    sender.offer([bob.userId], message)
    await sender.settled()
    expect(service.to(browser)).toHaveLength(1)
    expect(await idsOf(bob)).toEqual([browser.id])
    await sender.close()
  })

  it('what is too much is left out, and closing ends what hangs', async () => {
    const bob = await app.person()
    const browser = await subscribe(bob)
    const log = collectLog()
    const sender = senderWith({ waiting: 2, lanes: 1 }, log.logger)
    const arrived = Promise.withResolvers<void>()
    service.judge = () => {
      arrived.resolve()
      return 'hang'
    }
    const message = async () => [{ userId: bob.userId, payload: {} }]
    sender.offer([bob.userId], message)
    await arrived.promise
    for (let count = 0; count < 5; count++) sender.offer([bob.userId], message)
    await sender.close()
    service.judge = () => 201
    expect(log.find('too many pushes wait')).toHaveLength(3)
    expect(service.to(browser)).toHaveLength(1)
    sender.offer([bob.userId], message)
    await sender.settled()
    expect(service.to(browser)).toHaveLength(1)
  })

  it('F29: words that cannot be made end one job, not the next', async () => {
    const bob = await app.person()
    const browser = await subscribe(bob)
    const sender = senderWith({ lanes: 1 })
    sender.offer([bob.userId], () => Promise.reject(new Error('no words')))
    sender.offer([bob.userId], async () => [{ userId: bob.userId, payload: { long: 'x'.repeat(5_000) } }])
    await sender.settled()
    expect(service.to(browser).map(({ body }) => browser.read(body))).toEqual([{}])
  })
})

describe('subscriptions', () => {
  it('are one’s own, and end with one call', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const browser = await subscribe(bob)
    expect((await bob.get(path)).json.data).toMatchObject([{ id: browser.id, service: '127.0.0.1', current: true }])
    expect((await bob.get(path)).body).not.toContain('browser-')
    for (const id of [browser.id, newId(), 'x']) expect((await ann.delete(`${path}/${id}`)).status).toBe(404)
    expect((await bob.delete(`${path}/${browser.id}`)).status).toBe(204)
    await tell([bob])
    expect(service.to(browser)).toEqual([])
  })

  it('the same browser again keeps its id, and is its last user’s alone', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    const browser = await subscribe(bob)
    const again = await bob.post(path, browser.subscription)
    expect([again.status, again.json.id]).toEqual([200, browser.id])
    const answers = await Promise.all(Array.from({ length: 10 }, () => ann.post(path, browser.subscription)))
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
    expect([await idsOf(bob), (await idsOf(ann)).length]).toEqual([[], 1])
    await tell([ann, bob])
    expect(service.to(browser)).toHaveLength(1)
  })

  it('a person has at most twenty; the oldest goes', async () => {
    const bob = await app.person()
    const first = await subscribe(bob)
    for (let count = 0; count < 20; count++) await subscribe(bob)
    const ids = await idsOf(bob)
    expect(ids).toHaveLength(20)
    expect(ids).not.toContain(first.id)
  })

  it.each([
    ['plain http', { endpoint: 'http://push.example.com/x' }],
    ['an address of a private network', { endpoint: 'https://192.168.0.1/x' }],
    ['the metadata of a cloud', { endpoint: 'https://169.254.169.254/latest/meta-data' }],
    ['something else than an address', { endpoint: 'javascript:alert(1)' }],
    ['a key off the curve', { keys: { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: 'A'.repeat(22) } }],
    ['a short secret', { keys: { p256dh: createECDH('prime256v1').generateKeys('base64url'), auth: 'AAAA' } }],
  ])('M50: %s is refused', async (_, change) => {
    const bob = await app.person()
    const answer = await bob.post(path, { ...service.browser('x').subscription, ...change })
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed'])
    expect(await idsOf(bob)).toEqual([])
  })

  it('M50: where nobody tests, this machine is refused too', async () => {
    const real = await createTestApp({ TESTING: 'false', RATE_LIMIT_PROFILE: 'standard' })
    const bob = await real.person()
    for (const origin of [service.origin, 'https://127.0.0.1', 'https://localhost', 'https://[::1]']) {
      const answer = await bob.post(path, { ...service.browser('x').subscription, endpoint: `${origin}/x` })
      expect([origin, answer.status]).toEqual([origin, 422])
    }
    await real.drop()
  })

  it('go with a new password by mail, and with the account', async () => {
    const bob = await app.person()
    await subscribe(bob)
    await app.services.erasure.erase(bob.userId)
    const left = app.database.db.selectFrom('push_subscriptions').select('id').where('user_id', '=', bob.userId)
    expect(await left.execute()).toEqual([])
  })
})
