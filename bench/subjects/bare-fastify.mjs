import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { cpuSeconds } from '../harness/machine.mjs'
import { PinnedProcess } from '../harness/processes.mjs'
import { tokenCookie } from '../peers/token.mjs'
import { askAgainMs } from './atrium.mjs'

/** The reference with the very accounts of a build of Atrium, so that its answers are the same bytes. */
export async function startBareFastify(verify, accounts, folder) {
  const name = verify === 'jose' ? 'bare Fastify, jose' : 'bare Fastify, HMAC'
  const [secret, port] = [randomBytes(32).toString('base64url'), await freePort()]
  const peopleFile = join(folder, `people-${port}.json`)
  writeFileSync(peopleFile, `[${accounts}]`)
  const begun = performance.now()
  const server = new PinnedProcess(name, {
    core: 'server',
    args: [join(import.meta.dirname, '../peers/bare-fastify.mjs')],
    log: join(folder, `bare-${port}.log`),
    talks: true,
    env: {
      PORT: String(port),
      DATABASE: join(folder, `bare-${port}.db`),
      SECRET: secret,
      PEOPLE: peopleFile,
      VERIFY: verify,
      NODE_ENV: 'production',
    },
  })
  const people = accounts.map((account) => ({
    account,
    cookie: tokenCookie({ sub: JSON.parse(account).id }, secret),
  }))
  const url = `http://127.0.0.1:${port}/api/v1/users/me`
  await server.orFailure(untilRefused(url), 20_000)
  const start = { ms: performance.now() - begun, cpuMs: cpuSeconds(server.pid) * 1000 }
  await assertForgeryRefused(url, people[0].cookie)
  return { name, port, people, pid: server.pid, start, stop: () => server.stop() }
}

async function untilRefused(url) {
  while ((await fetch(url).catch(() => undefined))?.status !== 401) {
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
  }
}

async function assertForgeryRefused(url, cookie) {
  const forged = cookie.slice(0, -2) + (cookie.endsWith('A') ? 'BB' : 'AA')
  const { status } = await fetch(url, { headers: { cookie: forged } })
  if (status !== 401) throw new Error(`A forged token was answered with ${status}.`)
}
