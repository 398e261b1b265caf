import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, testEngine } from '../../../../test/databases.ts'
import { isRedisMissing, type RedisProcess, startRedis } from '../../../../test/redis-process.ts'
import { expose } from '../../../../test/sample-tables.ts'
import { watchTable } from '../../../../test/table-watchers.ts'
import { comesTrue, startTwoInstances, type TwoInstances } from '../../../../test/two-instances.ts'

let redis: RedisProcess
let two: TwoInstances
let own: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  if (isRedisMissing) return
  redis = await startRedis()
  own = await createTestDatabase()
  two = await startTwoInstances(redis, testEngine === 'sqlite' ? {} : { TABLES_URL: own.url })
  await two.whole()
})
afterAll(async () => {
  if (isRedisMissing) return
  await two.drop()
  await own.drop()
  await redis.drop()
})

it.skipIf(isRedisMissing)(
  'W01: told on every instance, with Redis and without it, each once and in order',
  async () => {
    const { a, b } = two
    const root = await a.holderOf(['admin'])
    const columns = [
      { name: 'n', type: 'integer' },
      { name: 'hidden', type: 'integer' },
    ]
    expect((await root.post('/admin/data/tables', { name: 'counts', columns })).status).toBe(201)
    const rules = { user: { actions: ['list', 'get'], fields: { read: ['id', 'n'] } } }
    await expose(root, 'counts', { realtime: true, rules })
    const ann = await a.person('ann')
    const here = await watchTable(a, ann, { table: 'counts' })
    const there = await watchTable(b, ann.copy(b), { table: 'counts' })
    const rootThere = root.copy(b)
    const write = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const made = await (n % 2 === 0 ? root : rootThere).post('/data/counts', { n })
        expect(made.status).toBe(201)
        await root.patch(`/data/counts/${made.json.id}`, { hidden: n })
      }
    }
    const toldAll = (total: number) =>
      comesTrue(() => [here, there].every(({ told }) => told.length >= total), `${total} changes were not told`)
    await write(20)
    await toldAll(20)
    redis.hold()
    await two.broken()
    await write(10)
    await toldAll(30)
    redis.resume()
    await two.whole()
    for (const { told, live } of [here, there]) {
      expect(told.map(({ action, key }) => `${action} ${key}`)).toEqual(
        Array.from({ length: 30 }, (_, index) => `insert ${index + 1}`),
      )
      live.close()
    }
  },
)
