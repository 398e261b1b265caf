import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { endServers, type ServerProcess, startServer } from '../server-process.ts'
import { report } from './harness/evidence.ts'

afterEach(endServers)

const password = 'a quiet harbour at dawn'

/** Asks the server how late its event loop was since it was asked last. */
async function loopLag(server: ServerProcess): Promise<number> {
  const before = server.output().length
  server.child.kill('SIGUSR2')
  for (;;) {
    const found = /loop lag p99 ([\d.]+) ms/.exec(server.output().slice(before))?.[1]
    if (found !== undefined) return Number(found)
    await new Promise((resolve) => server.child.stdout?.once('data', resolve))
  }
}

it('M54: 200 sign-ins at once leave the loop free, other routes served and the queue of hashes bounded', async () => {
  const server = await startServer({
    NODE_OPTIONS: `--import ${join(import.meta.dirname, '../programs/loop-lag.ts')}`,
    TESTING: 'true',
    RATE_LIMIT_PROFILE: 'off',
    ACCOUNT_LOCKOUT_THRESHOLD: '50',
  })
  const post = (path: string, body: object) =>
    fetch(`${server.address}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const registered = await post('/auth/register', { username: 'ann', email: 'ann@example.com', password })
  expect(registered.status).toBe(201)
  await loopLag(server)

  let isOver = false
  const logins = Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      post('/auth/login', { identifier: i % 10 ? `nobody-${i}` : 'ann', password }),
    ),
  ).finally(() => {
    isOver = true
  })
  const others: { status: number; ms: number }[] = []
  while (!isOver) {
    const began = performance.now()
    const { status } = await fetch(`${server.address}/api/v1/meta`)
    others.push({ status, ms: performance.now() - began })
  }
  const answers = await logins
  const lag = await loopLag(server)
  const count = (status: number) => answers.filter((answer) => answer.status === status).length
  const slowest = Math.max(...others.map(({ ms }) => ms))
  report('M54 sqlite', {
    lag_p99_ms: lag,
    signed_in: count(200),
    refused: count(401),
    busy: count(503),
    others: others.length,
    slowest,
  })

  // One is hashed or a few are, 64 wait, the rest is told to come back.
  expect(count(200) + count(401) + count(503)).toBe(200)
  expect(count(200)).toBeGreaterThan(0)
  expect(count(503)).toBeGreaterThan(0)
  for (const answer of answers.filter(({ status }) => status === 503)) {
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  }
  expect(others.every(({ status }) => status === 200)).toBe(true)
  expect(lag).toBeLessThan(200)
})
