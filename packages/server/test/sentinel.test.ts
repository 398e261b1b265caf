import { afterAll, expect, it } from 'vitest'
import { until } from './faults/harness/waiting.ts'
import { say as write } from './groups.ts'
import { connect } from './live-client.ts'
import { isRedisMissing, type RedisProcess, startRedis, startSentinel } from './redis-process.ts'
import { comesTrue, startTwoInstances, type TwoInstances } from './two-instances.ts'

const group = 'atrium'
/** Another one than that of the Redis it names. */
const password = 'a-watchful:eye%40night'
/** That is the sentinel's time: one that was not let run for 2 s does nothing for 30 s (its TILT mode). */
const failoverLimitMs = 60_000
const running: { drop(): Promise<void> }[] = []
const kept = <T extends { drop(): Promise<void> }>(process: T): T => {
  running.unshift(process)
  return process
}
afterAll(async () => {
  for (const each of running) await each.drop()
})

async function watchedPair(): Promise<{ primary: RedisProcess; replica: RedisProcess; address: string }> {
  const primary = kept(await startRedis(['repl-diskless-sync-delay 0']))
  const { port } = new URL(primary.url)
  const replica = kept(await startRedis([`replicaof 127.0.0.1 ${port}`, `masterauth ${primary.password}`]))
  await comesTrue(async () => (await replica.tell('ROLE')).includes('connected'), 'the replica does not follow')
  const sentinel = kept(await startSentinel(group, primary, { password }))
  await comesTrue(() => sentinel.knowsReplica(), 'the sentinel does not know the replica')
  return { primary, replica, address: sentinel.address }
}

it.skipIf(isRedisMissing)(
  'Redis Sentinel: the primary is killed, and news and limits go on at the one that takes over, with nothing lost',
  async () => {
    const { primary, replica, address } = await watchedPair()
    const url = new URL(primary.url)
    url.host = group
    url.port = ''
    const settings = { RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000000' }
    const both: TwoInstances = kept(
      await startTwoInstances(primary, {
        ...settings,
        ...{ REDIS_URL: url.href, REDIS_SENTINELS: address, REDIS_SENTINEL_PASSWORD: password },
      }),
    )
    await both.whole()
    const { a, b } = both
    const [ann, ben] = [await a.person('ann'), await a.person('ben')]
    const id = await a.conversation(ann, ben)
    const live = await connect(b, ben.copy(b))
    const sent: string[] = []
    const say = async () => {
      const text = `message ${sent.length}`
      expect((await write(ann, id, text)).status).toBe(201)
      sent.push(text)
    }
    await say()
    await primary.kill()
    await both.broken()
    for (let i = 0; i < 5; i++) await say()
    await until(
      async () => (await replica.tell('ROLE')).includes('master'),
      failoverLimitMs,
      () => 'the sentinel has not chosen another primary',
    )
    await both.whole()
    for (let i = 0; i < 5; i++) await say()

    const heard = () =>
      live.heard.filter(({ type }) => type === 'message.created').map(({ data }) => (data as { text: string }).text)
    await comesTrue(() => heard().length >= sent.length, 'messages are missing')
    expect(heard()).toEqual(sent)
    const counted = async () => {
      await ann.get('/users/me')
      return !(await replica.tell('DBSIZE')).includes(':0')
    }
    await comesTrue(counted, 'nothing is counted at the one that took over')
    expect(both.log.leaks([password, encodeURIComponent(password)])).toEqual([])
    live.close()
  },
  failoverLimitMs + 90_000,
)
