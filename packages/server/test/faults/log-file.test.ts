import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { isRedisMissing, type RedisProcess, startRedis } from '../redis-process.ts'
import { Installation, shared, suiteOn } from './harness/installation.ts'
import { until } from './harness/waiting.ts'

let installation: Installation | undefined
let redis: RedisProcess | undefined
let folder = ''
afterEach(async () => {
  await installation?.drop()
  await redis?.drop()
  rmSync(folder, { recursive: true, force: true })
})

/** Throws for a line that is not whole, but for the last one, which may be on its way. */
function linesOf(file: string): { request_id?: string }[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as { request_id?: string })
}

const megabyte = 1024 ** 2

suiteOn(isRedisMissing ? [] : shared.slice(0, 1))('H05 on %s', (engine) => {
  it('workers write whole lines to a file each, also over what is moved away, a crash and a stop, and lose none', async () => {
    folder = mkdtempSync(join(tmpdir(), 'atrium-log-'))
    redis = await startRedis()
    const file = join(folder, 'atrium.log')
    const settings = { WORKERS: '2', REDIS_URL: redis.url, LOG_LEVEL: 'info', LOG_FILE: file, LOG_FILE_MAX_MB: '1' }
    installation = await Installation.start(engine, { variables: settings })
    const server = installation.nodes[0]
    const answered = new Set<string>()
    // A long path, so that the files are full soon; another connection each time, which the workers take by turns.
    const path = `/api/v1/${'x'.repeat(180)}`
    const ask = async () => {
      const answer = await fetch(`${server?.origin}${path}`, { headers: { connection: 'close' } })
      await answer.arrayBuffer()
      answered.add(answer.headers.get('x-request-id') ?? '')
    }
    const filesOf = (name: string) => readdirSync(folder).filter((each) => each.startsWith(name))
    const areBothMoved = () => ['atrium.log.', 'atrium-2.log.'].every((name) => filesOf(name).length > 0)
    const askUntil = async (isEnough: () => boolean) => {
      for (let round = 0; !isEnough(); round++) {
        if (round > 600) throw new Error(`not after ${answered.size} requests: ${readdirSync(folder).join(', ')}`)
        await Promise.all(Array.from({ length: 20 }, ask))
      }
    }
    await askUntil(areBothMoved)

    // What a worker wrote before it was killed is with the system: the one that takes its place goes on behind it.
    const idsIn = (name: string) => linesOf(join(folder, name)).flatMap(({ request_id }) => request_id ?? [])
    const missing = () => {
      const written = new Set(readdirSync(folder).flatMap(idsIn))
      return [...answered].filter((id) => !written.has(id))
    }
    await until(
      () => missing().length === 0,
      10_000,
      () => `${missing().length} lines are missing before anything was killed`,
    )
    const [killed] = server?.children() ?? []
    process.kill(killed as number, 'SIGKILL')
    await until(
      () => server?.children().length === 2 && !server.children().includes(killed as number),
      30_000,
      () => 'the dead worker was not replaced',
    )
    const before = answered.size
    await askUntil(() => answered.size > before + 400)
    expect(await server?.stop()).toMatchObject({ code: 0 })

    const names = readdirSync(folder)
    expect(names.filter((name) => !/^atrium(-2)?\.log(\.\d+)?$/.test(name))).toEqual([])
    for (const name of names) {
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(megabyte)
      expect(readFileSync(join(folder, name), 'utf8').endsWith('\n'), name).toBe(true)
    }
    expect(missing()).toEqual([])
  }, 240_000)
})
