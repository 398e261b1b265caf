import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineTopic } from '../src/platform/events/event-bus.ts'
import { ephemeral } from '../src/platform/realtime/ephemeral.ts'
import { connect } from './live-client.ts'
import { isRedisMissing, type RedisProcess, startRedis } from './redis-process.ts'
import type { TestApp } from './test-app.ts'
import { comesTrue, startTwoInstances, type TwoInstances } from './two-instances.ts'

let redis: RedisProcess
beforeAll(async () => {
  if (!isRedisMissing) redis = await startRedis()
})
beforeEach(async () => {
  if (!isRedisMissing) await redis.start()
})
afterAll(async () => {
  if (!isRedisMissing) await redis.drop()
})

let both: TwoInstances
afterEach(() => both?.drop())

async function instances(): Promise<[TestApp, TestApp]> {
  both = await startTwoInstances(redis)
  await both.whole()
  return [both.a, both.b]
}

const news = defineTopic<{ n: number }>('test.news', { shared: true })
const gossip = defineTopic<{ n: number }>('test.gossip')

/** What each of them heard of `news`, and of what is not shared. */
function listen(all: readonly TestApp[]) {
  return all.map(({ bus }) => {
    const heard: number[] = []
    bus.subscribe(news, ({ n }) => void heard.push(n))
    bus.subscribe(gossip, ({ n }) => void heard.push(-n))
    return heard
  })
}

describe.skipIf(isRedisMissing)('news between instances', { timeout: 60_000 }, () => {
  it('C01: what is published on a shared topic is told once in every process, and the rest stays at home', async () => {
    const [a, b] = await instances()
    const [atA, atB] = listen([a, b]) as [number[], number[]]
    a.bus.publish(gossip, { n: 1 })
    a.bus.publish(news, { n: 1 })
    expect(atA).toEqual([-1, 1])
    await comesTrue(() => atB.length > 0, 'nothing came')
    b.bus.publish(news, { n: 2 })
    b.bus.publish(news, { n: 3 })
    await comesTrue(() => atA.length > 3, 'nothing came back')
    a.bus.publish(news, { n: 4 })
    await comesTrue(() => atB.length > 3, 'the last one did not come')
    expect([atA, atB]).toEqual([
      [-1, 1, 2, 3, 4],
      [1, 2, 3, 4],
    ])
  })

  it('C01: what has no mark of the installation, or is too large, is told to nobody', async () => {
    const [a, b] = await instances()
    const [atA, atB] = listen([a, b]) as [number[], number[]]
    const channels = (await redis.tell('PUBSUB', 'CHANNELS', 'atrium:*'))
      .split('\r\n')
      .filter((line) => /^atrium/.test(line))
    const channel = channels.find((name) => name.split(':').length === 2) as string
    const forged = JSON.stringify({ from: 'x', topic: 'test.news', payload: { n: 9 } })
    for (const text of [forged, `${'A'.repeat(22)}${forged}`, '', 'x', 'é'.repeat(22), '{}', 'x'.repeat(1_000_000)]) {
      await redis.tell('PUBLISH', channel, text)
    }
    a.bus.publish(news, { n: 1, rest: 'x'.repeat(300_000) } as { n: number })
    a.bus.publish(news, { n: 2 })
    await comesTrue(() => atB.length > 0, 'nothing came')
    expect([atA, atB]).toEqual([[1, 2], [2]])
  })

  it('F5: without Redis nothing is held back here, and afterwards they hear each other again', async () => {
    const [a, b] = await instances()
    const [atA, atB] = listen([a, b]) as [number[], number[]]
    await redis.kill()
    await both.broken()
    a.bus.publish(news, { n: 1 })
    expect(atA).toEqual([1])
    await redis.start()
    await both.whole()
    b.bus.publish(news, { n: 2 })
    await comesTrue(() => atA.length > 1, 'nothing came')
    // What was said meanwhile is not told late.
    expect([atA, atB]).toEqual([[1, 2], [2]])
    // Each said so when they lost each other, however often, and when they had each other again.
    const said = (words: string) => both.log.find(words).length
    await comesTrue(
      () => said('instances hear of each other') === said('do not hear of each other') + 2,
      'who lost the other one did not say that it is there again',
    )
    expect(said('do not hear of each other')).toBeGreaterThanOrEqual(2)
  })

  it('F6: a Redis that hangs counts as away, and comes back', async () => {
    const [a, b] = await instances()
    const [atA] = listen([a, b]) as [number[], number[]]
    redis.hold()
    try {
      await both.broken()
      a.bus.publish(news, { n: 1 })
      expect(atA).toEqual([1])
    } finally {
      redis.resume()
    }
    await both.whole()
    b.bus.publish(news, { n: 2 })
    await comesTrue(() => atA.length > 1, 'nothing came')
  })

  it('C01, C02: a socket hears what is said to its room at the other instance, and messages sent there', async () => {
    const [a, b] = await instances()
    const [ann, bob] = [await a.person(), await a.person()]
    const room = await a.conversation(ann, bob)
    const [here, there] = [await connect(a, ann), await connect(b, bob)]
    b.bus.publish(ephemeral, { room: `conversation_${room}`, event: 'test', data: 1, exceptUserIds: [bob.userId] })
    b.bus.publish(ephemeral, { room: `user_${bob.userId}`, event: 'test', data: 2 })
    expect(await here.hears('test')).toBe(1)
    expect(await there.hears('test')).toBe(2)
    await here.ask('message.send', { conversation_id: room, client_id: 'one', text: 'from the other one' })
    expect(await there.hears('message.created')).toMatchObject({ seq: 1, data: { text: 'from the other one' } })
    here.close()
    there.close()
  })

  it('P10: what was committed at one is told at the other without reading the events back', async () => {
    const [a, b] = await instances()
    const [ann, bob] = [await a.person(), await a.person()]
    const room = await a.conversation(ann, bob)
    const there = await connect(b, bob)
    const readings = () =>
      b.database.meter.statements
        .filter(({ statement }) => /^select \* from .?events.? where .?stream_id/.test(statement))
        .reduce((sum, { duration }) => sum + duration.count, 0)
    // By its socket being told the first, this one knows the stream from here on.
    await ann.post(`/conversations/${room}/messages`, { client_id: 'first', text: 'first' })
    await there.hears('message.created')
    const before = readings()
    for (const text of ['one', 'two', 'three']) {
      await ann.post(`/conversations/${room}/messages`, { client_id: text, text })
      expect(await there.hears('message.created', ({ data }) => data.text === text)).toMatchObject({ data: { text } })
    }
    expect(readings()).toBe(before)
    there.close()
  })

  describe('what was taken away at one is gone at the other with the news of it', () => {
    /** Resolves once the other has heard everything the one said before: news keep their order. */
    async function heardAll([a, b]: readonly TestApp[]): Promise<void> {
      const [, there] = listen([a, b] as TestApp[]) as [number[], number[]]
      a?.bus.publish(news, { n: 7 })
      await comesTrue(() => there.includes(7), 'nothing came')
    }

    it('C01 S01: a session, for requests and for sockets', async () => {
      const apps = await instances()
      const [a, b] = apps
      const ann = await a.person()
      const there = ann.copy(b)
      const live = await connect(b, ann)
      expect((await there.get('/users/me')).status).toBe(200)
      expect((await ann.post('/auth/logout')).status).toBeLessThan(300)
      await heardAll(apps)
      expect((await there.get('/users/me')).status).toBe(401)
      expect(await live.hears('session.ended')).toEqual({ reason: 'revoked' })
      await live.hears('disconnect')
    })

    it('C01 S14: an API key', async () => {
      const apps = await instances()
      const [a, b] = apps
      const ann = await a.person()
      const { id, key } = (await ann.post('/users/me/api-keys', { name: 'x', scopes: ['account:read'] })).json
      const asKey = () => b.visitor().get('/users/me', { 'x-api-key': key })
      expect((await asKey()).status).toBe(200)
      expect((await ann.delete(`/users/me/api-keys/${id}`)).status).toBe(204)
      await heardAll(apps)
      expect((await asKey()).status).toBe(401)
    })

    it('C01 AZ2: what a role grants, for requests and for sockets', async () => {
      const apps = await instances()
      const [a, b] = apps
      const boss = await a.holderOf(['admin', 'user'])
      const role = { name: 'listener', permissions: ['account:read', 'events:read'] }
      expect((await boss.post('/admin/roles', role)).status).toBe(201)
      const lea = await a.holderOf(['listener'])
      const there = lea.copy(b)
      const live = await connect(b, lea)
      expect((await there.get('/users/me')).status).toBe(200)
      expect((await boss.patch('/admin/roles/listener', { permissions: ['people:read'] })).status).toBe(200)
      await heardAll(apps)
      expect((await there.get('/users/me')).status).toBe(403)
      await live.hears('disconnect')
    })
  })
})
