import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import guestBook from '../../../examples/guest-book/index.ts'
import { bareEnvironment } from './bare-environment.ts'
import { elsewhere, guideCommands } from './guide-commands.ts'
import { createTestApp, password, type TestApp } from './test-app.ts'

const root = join(import.meta.dirname, '../../..')
/** The built one where there is one, as `npm run atrium` takes it: it starts in a fifth of the time. */
const cli = ['dist/cli.js', 'src/cli.ts'].map((file) => join(root, 'packages/server', file)).find(existsSync) ?? ''
const main = join(root, 'packages/server/src/main.ts')
const commands = guideCommands()
const isElsewhere = (command: string) => elsewhere.some((each) => each.command.test(command))
const here = commands.filter(({ command }) => !isElsewhere(command))
const unique = (pattern: RegExp) => [
  ...new Map(here.filter(({ command }) => pattern.test(command)).map((each) => [each.command, each])).values(),
]
const calls = unique(/\bcurl /)
const programs = unique(/npm run (--silent )?atrium /)
const starts = unique(/npm start$|node examples\/host/)

it('every command of the guide is run here, or by a test that is named, or named as one that cannot be', () => {
  expect(commands.length).toBeGreaterThan(40)
  const known = new Set([...calls, ...programs, ...starts])
  const forgotten = here.filter(({ command }) => ![...known].some((each) => each.command === command))
  expect(forgotten).toEqual([])
  for (const { command, by, says } of elsewhere) {
    expect(
      commands.some((each) => command.test(each.command)) || /npm run new/.test(command.source),
      `${command} is in no page`,
    ).toBe(true)
    const path = join(root, by)
    const files = statSync(path).isDirectory()
      ? globSync('**/*.ts', { cwd: path }).map((file) => join(path, file))
      : [path]
    expect(
      files.some((file) => readFileSync(file, 'utf8').includes(says)),
      `${by}: ${says}`,
    ).toBe(true)
  }
})

const bash = (line: string, env: Record<string, string>) =>
  promisify(execFile)('bash', ['-c', line], {
    cwd: folder,
    env: { ...bareEnvironment(), ...env },
    timeout: 60_000,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error) => ({ code: error.code as number, out: String(error.stdout), err: String(error.stderr) }),
  )

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-guide-commands-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('calls with curl', () => {
  let app: TestApp
  const env: Record<string, string> = {}
  beforeAll(async () => {
    const monitor = 'a-token-for-monitors-only'
    app = await createTestApp({ PORT: '0', METRICS_TOKEN: monitor }, { modules: [guestBook] })
    const port = await app.listen()
    // Who calls, and the one they write to.
    const [eve, ann] = [await app.holderOf(['admin', 'user'], 'eve'), await app.person('ann')]
    const signedIn = await app.visitor().post('/auth/login', { identifier: 'eve', password, token_delivery: 'body' })
    const { key } = (await eve.post('/users/me/api-keys', { name: 'guide', scopes: ['*'] })).json
    const id = await app.conversation(eve, ann)
    const token = signedIn.json.access_token
    Object.assign(env, {
      api: `http://localhost:${port}/api/v1`,
      json: 'content-type: application/json',
      PORT: String(port),
    })
    Object.assign(env, { token, TOKEN: token, KEY: key, id, METRICS_TOKEN: monitor })
  })
  afterAll(() => app.drop())

  it.each(calls)('$page: $command', async ({ command, page }) => {
    const line = command.replace(/https?:\/\/(localhost:8000|chat\.example\.org)/g, `http://localhost:${env.PORT}`)
    const { code, out, err } = await bash(line, env)
    expect([code, err]).toEqual([0, ''])
    // One page shows what a refusal looks like; names may be taken by the page before.
    const refused = /"type":"\/problems\/(?!(username|email)_taken)/
    if (!page.endsWith('errors.md')) expect(out).not.toMatch(refused)
  })
})

describe('commands of an installation', () => {
  const env: Record<string, string> = {}
  beforeAll(async () => {
    Object.assign(env, {
      DATA_DIR: join(folder, 'data'),
      SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7',
      TESTING: 'true',
    })
    for (const name of ['carl', 'bob']) {
      const made = await bash(
        `echo '${password}' | "${process.execPath}" "${cli}" user create --username ${name} --email ${name}@example.com --password-stdin`,
        env,
      )
      expect(made.err).toBe('')
    }
  }, 60_000)

  it.each(programs)('$page: $command', { timeout: 60_000 }, async ({ command }) => {
    const line = command.replace(/npm run (--silent )?atrium --/g, `"${process.execPath}" "${cli}"`)
    const { code, err } = await bash(line, env)
    // Some show what goes wrong: they say it, and never that they do not know the command.
    expect([0, 1]).toContain(code)
    expect(err).not.toMatch(/unknown (command|option)|too many arguments|at file:/)
  })
})

describe('starts', () => {
  it.each(starts)('$page: $command', { timeout: 90_000 }, async ({ command }) => {
    const line = command
      .replace(/npm start$/, `exec "${process.execPath}" --conditions=atrium-source "${main}"`)
      .replace('node_modules/.bin/node', `exec "${process.execPath}" --conditions=atrium-source`)
      .replace('…', 'kdjfhg8374hgf-2389rhfwe-9283hfwei7')
    const data = join(folder, `start-${starts.findIndex((each) => each.command === command)}`)
    const env = { ...bareEnvironment(), PORT: '0', DATA_DIR: data, LOG_LEVEL: 'silent' }
    const child = spawn('bash', ['-c', line], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    const ended = once(child, 'exit')
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += String(chunk)
        if (/http:\/\/localhost:\d+/.test(said)) child.kill('SIGTERM')
      })
    const [code] = await ended
    // Settings that cannot be used are shown too: each is named.
    if (code !== 0) expect(said).toMatch(/cannot start with these settings:\n {2}[A-Z_]+:/)
    else expect(said).toContain('http://localhost:')
  })
})
