// P1: GET /users/me with a cookie, many people in turn, against a bare framework that does only the naive work.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { PinnedProcess } from '../harness/processes.mjs'
import { inTurn } from '../harness/rounds.mjs'
import { tokenCookie } from '../peers/token.mjs'
import { register, startAtrium } from '../subjects/atrium.mjs'
import { measure } from './measure.mjs'

const peopleCount = 64
const connections = 32

export async function authenticatedRead({ builds, folder, load, options, profile, tell }) {
  const subjects = []
  let accounts
  for (const { name, main } of builds) {
    const server = await startAtrium({ name, main, folder, profile })
    const people = await register(server.port, peopleCount)
    accounts ??= people.map(({ account }) => account)
    subjects.push({ ...server, people })
  }
  for (const verify of ['jose', 'hmac']) subjects.push(await startPeer(verify, accounts, folder))

  const job = { script: 'readOwnAccount', connections, ...options.times }
  const measured = subjects.map(({ name, pid, port, people }) => ({
    name,
    measure: () => measure(name, [pid], load, { ...job, port, people }),
  }))
  const results = await inTurn(measured, { ...options, tell })
  for (const subject of subjects) await subject.stop()
  return {
    id: 'P1',
    title: `authenticated read, SQLite, ${connections} connections, ${peopleCount} people, ${accounts[0].length} bytes`,
    results,
    target: { reference: 'bare Fastify, jose', of: 'rate', atLeast: 0.9, wanted: 1 },
    references: ['bare Fastify, jose', 'bare Fastify, HMAC'],
  }
}

/** The reference with the very accounts of the first build, so that its answers are the same bytes. */
async function startPeer(verify, accounts, folder) {
  const name = verify === 'jose' ? 'bare Fastify, jose' : 'bare Fastify, HMAC'
  const [secret, port] = [randomBytes(32).toString('base64url'), await freePort()]
  const peopleFile = join(folder, `people-${verify}.json`)
  writeFileSync(peopleFile, `[${accounts}]`)
  const server = new PinnedProcess(name, {
    core: 'server',
    args: [join(import.meta.dirname, '../peers/bare-fastify.mjs')],
    log: join(folder, `bare-${verify}.log`),
    talks: true,
    env: {
      PORT: String(port),
      DATABASE: join(folder, `bare-${verify}.db`),
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
  await assertForgeryRefused(url, people[0].cookie)
  return { name, port, people, pid: server.pid, stop: () => server.stop() }
}

async function untilRefused(url) {
  while ((await fetch(url).catch(() => undefined))?.status !== 401) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function assertForgeryRefused(url, cookie) {
  const forged = cookie.slice(0, -2) + (cookie.endsWith('A') ? 'BB' : 'AA')
  const { status } = await fetch(url, { headers: { cookie: forged } })
  if (status !== 401) throw new Error(`A forged token was answered with ${status}.`)
}
