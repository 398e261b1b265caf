import { statSync } from 'node:fs'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterEach, expect, it } from 'vitest'
import { endServers, refusedStart, startServer } from './server-process.ts'
import { password } from './test-app.ts'

afterEach(endServers)

const json = { 'content-type': 'application/json' }

async function signUp(address: string, username: string): Promise<string> {
  const body = { username, email: `${username}@example.com`, password, token_delivery: 'body' }
  const answer = await fetch(`${address}/api/v1/auth/register`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(body),
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

it('starts without any setting, prints where it is, and keeps its secrets to its owner', async () => {
  const server = await startServer()
  expect(server.output()).toMatch(/Atrium is running at http:\/\/localhost:\d+/)
  expect(server.output()).toContain(`Data folder: ${server.dataDir}`)
  expect(server.output()).toMatch(/\/setup#token=[\w-]{43}/)
  expect(await (await fetch(`${server.address}/health`)).json()).toMatchObject({ status: 'ok' })
  expect(await (await fetch(`${server.address}/ready`)).json()).toMatchObject({
    status: 'ok',
    checks: { database: 'ok' },
  })
  for (const file of ['secret-key', 'setup-token', 'atrium.db']) {
    expect([file, statSync(join(server.dataDir, file)).mode & 0o777]).toEqual([file, 0o600])
  }
  expect(statSync(server.dataDir).mode & 0o777).toBe(0o700)
})

it('tells sockets when it stops, finishes what it began, and exits with 0', async () => {
  const server = await startServer()
  const token = await signUp(server.address, 'ann')
  const socket = io(server.address, { transports: ['websocket'], auth: { token }, reconnection: false })
  await new Promise((resolve) => socket.once('session.ready', resolve))
  const ended = new Promise((resolve) => socket.once('session.ended', resolve))
  const inFlight = signUp(server.address, 'bob').catch(() => 'not begun')
  server.child.kill('SIGTERM')
  expect(await ended).toEqual({ reason: 'shutdown', retry_after: expect.any(Number) })
  expect(await server.exited).toEqual({ code: 0, signal: null })
  await inFlight
})

it('refuses to start with one line per setting that cannot be used', async () => {
  const { code, output } = await refusedStart({
    PORT: 'many',
    ACCESS_TOKEN_EXPIRE_MINUTES: '0',
    PASSWORD_POLICY: 'weak',
  })
  expect(code).toBe(1)
  expect(output.trim().split('\n')).toEqual([
    'Atrium cannot start with these settings:',
    '  PORT: must be a whole number from 0 to 65535',
    '  ACCESS_TOKEN_EXPIRE_MINUTES: must be a whole number from 1 to 1440',
    '  PASSWORD_POLICY: must be one of standard, classes, strict',
  ])
})

it.each([
  [{ DATABASE_URL: 'oracle://db' }, /DATABASE_URL/],
  [{ NODE_ENV: 'production' }, /SECRET_KEY: production needs one/],
  [{ DATABASE_URL: 'postgres://atrium@127.0.0.1:1/atrium' }, /./],
])('says in one place what is wrong with %j', async (variables, line) => {
  const { code, output } = await refusedStart(variables)
  expect(code).toBe(1)
  expect(output).toMatch(line)
  expect(output).not.toMatch(/^\s+at /m)
})

it('says that its port is taken', async () => {
  const server = await startServer()
  const { code, output } = await refusedStart({ PORT: new URL(server.address).port })
  expect([code, output.trim()]).toEqual([
    1,
    `Port ${new URL(server.address).port} is taken by another program; set PORT to a free one.`,
  ])
})
