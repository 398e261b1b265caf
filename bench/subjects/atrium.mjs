import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { cpuSeconds } from '../harness/machine.mjs'
import { PinnedProcess } from '../harness/processes.mjs'

const startLimitMs = 30_000
/** So exact is what is told of a start. */
export const askAgainMs = 5
const atOnce = 4
const password = 'a quiet harbour at dawn'

/**
 * A server as an installation runs it: https address, security headers, sessions, schemas, one log line a request. Only
 * the limits on requests are off, which needs TESTING, which production refuses.
 */
export async function startAtrium({
  name,
  main,
  folder,
  database = '',
  tables = '',
  profile,
  dataDir,
  sockets = 1_000,
  core = 'server',
  port,
  settings = {},
}) {
  dataDir ??= mkdtempSync(join(folder, 'atrium-'))
  port ??= await freePort()
  const begun = performance.now()
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const server = new PinnedProcess(name, {
    core,
    args: [...profiling, main],
    log: join(dataDir, 'log'),
    env: {
      TESTING: 'true',
      RATE_LIMIT_PROFILE: 'off',
      // Accounts that were made before a long run are still signed in at its end.
      ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
      // They all come from one address.
      SOCKETS_PER_ADDRESS: String(sockets),
      LOG_LEVEL: 'info',
      PUBLIC_URL: 'https://atrium.example',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: dataDir,
      DATABASE_URL: database,
      TABLES_URL: tables,
      ...settings,
    },
  })
  await server.orFailure(untilReady(port), startLimitMs)
  const start = { ms: performance.now() - begun, cpuMs: cpuSeconds(server.pid) * 1000 }
  return { name, port, pid: server.pid, dataDir, start, stop: () => server.stop() }
}

async function untilReady(port) {
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/ready`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isReady) return
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
  }
}

/** Registers people; each with the cookies of a browser that is signed in, and the account as the server answers it. */
export async function register(port, count) {
  const people = Array.from({ length: count })
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next++
      people[index] = await registerOne(port, index)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return people
}

async function registerOne(port, index) {
  const number = String(index).padStart(4, '0')
  const registration = {
    username: `person${number}`,
    email: `person${number}@example.com`,
    password,
    display_name: `Person ${number} of the Bench`,
    locale: 'en',
    country: 'NO',
  }
  const { headers, answer } = await request(port, 'POST', '/auth/register', { body: registration })
  const cookie = cookiesOf(headers)
  const { text } = await request(port, 'GET', '/users/me', { cookie })
  return { id: answer.user.id, username: registration.username, cookie, csrf: answer.csrf_access_token, account: text }
}

const cookiesOf = (headers) =>
  headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')

export const signInOf = ({ username }) => ({ identifier: username, password })

/** The same person in a new session. */
export async function signIn(port, person) {
  const body = signInOf(person)
  const { headers, answer } = await request(port, 'POST', '/auth/login', { body })
  return { ...person, cookie: cookiesOf(headers), csrf: answer.csrf_access_token }
}

/** Puts people two by two into conversations. */
export async function openConversations(port, people) {
  for (let index = 0; index + 1 < people.length; index += 2) {
    const [one, other] = [people[index], people[index + 1]]
    const body = { kind: 'direct', username: other.username }
    const { answer } = await request(port, 'POST', '/conversations', { ...one, body })
    one.conversation = other.conversation = answer.id
  }
}

/** A channel that everyone is in, the first of them as its owner. */
export async function openChannel(port, [owner, ...others]) {
  const body = { kind: 'channel', title: 'Everyone', public: true }
  const { answer } = await request(port, 'POST', '/conversations', { ...owner, body })
  for (const other of others) await request(port, 'POST', `/conversations/${answer.id}/join`, other)
  return answer.id
}

/** Number and text of the newest message, as its reader gets it. */
export async function newestMessage(port, person) {
  const { answer } = await request(port, 'GET', `/conversations/${person.conversation}/messages?limit=1`, person)
  return answer.data[0]
}

/** Throws when it is refused. */
export async function request(port, method, path, { cookie, csrf, body } = {}) {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method,
    headers: {
      ...(cookie ? { cookie } : {}),
      ...(csrf ? { 'x-csrf-token': csrf } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return { headers: response.headers, text, answer: text === '' ? undefined : JSON.parse(text) }
}
