import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect, type LiveClient } from '../../../test/live-client.ts'
import { isRedisMissing, type RedisProcess, startRedis } from '../../../test/redis-process.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'
import { comesTrue, startTwoInstances, type TwoInstances } from '../../../test/two-instances.ts'

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
let clients: LiveClient[] = []
afterEach(async () => {
  for (const client of clients) client.close()
  clients = []
  await both?.drop()
})

async function begin(): Promise<{ a: TestApp; b: TestApp; ann: Visitor; bob: Visitor }> {
  both = await startTwoInstances(redis)
  await both.whole()
  const { a, b } = both
  return { a, b, ann: await a.person(), bob: await a.person() }
}

async function enter(app: TestApp, visitor: Visitor): Promise<LiveClient> {
  const client = await connect(app, visitor)
  clients.push(client)
  return client
}

const changes = (viewer: LiveClient, state: string) => viewer.hears('presence.changed', (each) => each.state === state)
const stateOf = async ({ userId }: Visitor, viewer: Visitor) =>
  (await viewer.get(`/api/v1/presence?user_ids=${userId}`)).json.data[0]

// Two instances are started for each, and somebody is gone only after five seconds.
describe.skipIf(isRedisMissing)('presence on several instances', { timeout: 60_000 }, () => {
  it('C01: who comes to one instance is seen at the other, and is gone when they have left both', async () => {
    const { a, b, ann, bob } = await begin()
    const viewer = await enter(a, ann)
    await viewer.ask('presence.subscribe', { user_ids: [bob.userId] })
    const [here, there] = [await enter(a, bob), await enter(b, bob)]
    await changes(viewer, 'online')
    await comesTrue(async () => (await connections(a, bob)).length === 2, 'not written down at both')
    here.close()
    await bob.put('/api/v1/users/me/presence', { state: 'dnd' })
    await changes(viewer, 'dnd')
    there.close()
    expect(await changes(viewer, 'offline')).toMatchObject({ last_seen_at: expect.any(String) })
    expect(await connections(a, bob)).toEqual([])
  })

  it('F5: without Redis it is seen as well, by looking', async () => {
    const { a, b, ann, bob } = await begin()
    await redis.kill()
    await both.broken()
    const viewer = await enter(a, ann)
    await viewer.ask('presence.subscribe', { user_ids: [bob.userId] })
    await enter(b, bob)
    await comesTrue(async () => (await stateOf(bob, ann)).state === 'online', 'not written down')
    await a.services.presenceWatchers.look()
    await changes(viewer, 'online')
  })

  it('F2: who was connected to a process that died is gone, and was there until its last sign of life', async () => {
    const { a, ann, bob } = await begin()
    const { unitOfWork } = a.database
    const viewer = await enter(a, ann)
    await viewer.ask('presence.subscribe', { user_ids: [bob.userId] })
    // What a dead process leaves behind.
    const id = '0192f6d0-0000-7000-8000-000000000000'
    const beat = (at: number) => ({ id, beat_at: at })
    await unitOfWork(async ({ tx }) => {
      await tx.insertInto('presence_instances').values(beat(Date.now())).execute()
      await tx.insertInto('presence_connections').values({ user_id: bob.userId, instance_id: id }).execute()
    })
    await a.services.presenceWatchers.look()
    await changes(viewer, 'online')

    const silentSince = Date.now() - 31_000
    await unitOfWork(({ tx }) =>
      tx.updateTable('presence_instances').set(beat(silentSince)).where('id', '=', id).execute(),
    )
    expect(await stateOf(bob, ann)).toMatchObject({ state: 'offline' })
    const [first, second] = await Promise.all([a, both.b].map(({ services }) => services.attendance.beat()))
    expect((first as number) + (second as number)).toBeGreaterThan(0)
    const { last_seen_at } = await changes(viewer, 'offline')
    expect(await stateOf(bob, ann)).toMatchObject({ state: 'offline', last_seen_at })
    expect(Math.abs(Date.parse(last_seen_at) - silentSince)).toBeLessThan(20_000)
    expect(await connections(a, bob)).toEqual([])
  })

  it('F4: a process that was taken for dead while it slept writes everybody down again', async () => {
    const { a, ann, bob } = await begin()
    await enter(a, bob)
    await comesTrue(async () => (await stateOf(bob, ann)).state === 'online', 'not written down')
    await a.database.unitOfWork(async ({ tx }) => {
      await tx.deleteFrom('presence_connections').execute()
      await tx.deleteFrom('presence_instances').execute()
    })
    expect((await stateOf(bob, ann)).state).toBe('offline')
    await a.services.attendance.beat()
    await a.services.attendance.write()
    await comesTrue(async () => (await stateOf(bob, ann)).state === 'online', 'not written down again')
  })
})

const connections = ({ database: { db } }: TestApp, { userId }: Visitor) =>
  db.selectFrom('presence_connections').selectAll().where('user_id', '=', userId).execute()
