import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { progressLine } from '../src/cli/progress-bar.ts'
import { bareEnvironment } from './bare-environment.ts'
import { createTestDatabase, type TestDatabase } from './databases.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const cli = join(import.meta.dirname, '../src/cli.ts')
let app: TestApp
let target: TestDatabase
let file: string
beforeAll(async () => {
  app = await createTestApp()
  target = await createTestDatabase()
  await app.person('ann')
  file = join(app.config.dataDir, 'one.atrium')
})
afterAll(async () => {
  await app.drop()
  await target.drop()
})

/** As an operator runs it, with the settings of a server. */
const atrium = (args: readonly string[], variables: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { ...bareEnvironment(), TESTING: 'true', SECRET_KEY: app.config.secrets.key, ...variables }
    execFile(process.execPath, [cli, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
const here = () => ({ DATA_DIR: app.config.dataDir })
const there = () => ({ DATA_DIR: target.dataDir })

it('F32: a backup beside the running server, by command, is whole, and restored where nothing is', async () => {
  const made = await atrium(['backup', file], here())
  expect(made).toMatchObject({ code: 0, err: '' })
  expect(made.out).toMatch(/one\.atrium holds \d+ rows of \d+ tables, 0 files \(0\.0 MB\).*\n.*SECRET_KEY/s)
  expect(statSync(file).mode & 0o777).toBe(0o600)

  const before = readFileSync(file)
  const twice = await atrium(['backup', file], here())
  expect(twice).toEqual({ code: 1, out: '', err: expect.stringMatching(/^\S+ is there already\. .+\n$/) })
  expect(readFileSync(file).equals(before)).toBe(true)

  const whole = await atrium(['--json', 'verify', file])
  expect([whole.code, JSON.parse(whole.out)]).toMatchObject([0, { ok: true, tables: { users: { rows: 1 } } }])

  const used = await atrium(['restore', file], here())
  expect(used).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(
      /^(Another Atrium server is using|The database has been used|There are tables already).+\n$/,
    ),
  })
  const restored = await atrium(['--json', 'restore', file], there())
  expect([restored.err, restored.code]).toEqual(['', 0])
  expect(JSON.parse(restored.out).tables.users.rows).toBe(1)
  expect((await atrium(['restore', file], there())).code).toBe(1)
}, 300_000)

it('F32: a file that is not whole is told by the exit code, in one line; wrong usage by another', async () => {
  const bad = join(app.config.dataDir, 'bad.atrium')
  writeFileSync(bad, readFileSync(file).subarray(0, -100))
  const cut = await atrium(['--json', 'verify', bad])
  expect([cut.code, JSON.parse(cut.out)]).toEqual([1, { ok: false, file: bad, problem: expect.any(String) }])
  const nowhere = await atrium(['verify', join(app.config.dataDir, 'nowhere')])
  expect(nowhere).toMatchObject({ code: 1, out: expect.stringMatching(/cannot be read \(ENOENT\)\.\n$/), err: '' })
  expect((await atrium(['backup'])).code).toBe(2)
  expect((await atrium(['restore', '--force', file])).code).toBe(2)
  const help = await atrium(['backup', '--help'])
  expect(help).toMatchObject({ code: 0, out: expect.stringMatching(/SECRET_KEY.*atrium verify/s) })
}, 300_000)

it('F32: nothing is written where a database is that no server was started on', async () => {
  const empty = await createTestDatabase()
  const none = join(empty.dataDir, 'none.atrium')
  const answer = await atrium(['backup', none], { DATA_DIR: empty.dataDir })
  expect(answer).toEqual({ code: 1, out: '', err: expect.stringMatching(/^There is nothing to back up.+\n$/) })
  expect(existsSync(none)).toBe(false)
  await empty.drop()
}, 300_000)

it('W06: a password in the arguments is refused, and a move says what it moved', async () => {
  const told = await atrium(['move', '--to', 'postgres://ann:secret-words@localhost/x'], there())
  expect(told).toEqual({ code: 2, out: '', err: expect.stringMatching(/--password-stdin/) })
  expect((await atrium(['move'], there())).code).toBe(2)
  const url = `sqlite:///${join(target.dataDir, 'new.db')}`
  const moved = await atrium(['move', '--to', url], there())
  expect(moved).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Moved and compared: \d+ rows of \d+ tables\./),
    err: '',
  })
  expect((await atrium(['move', '--to', url], there())).err).toMatch(/been used already/)
}, 300_000)

it('the bar shows how far it is', () => {
  expect(progressLine('tables', 1, 2)).toBe('tables     [############------------]  50 %')
  expect(progressLine('files', 0, 0)).toMatch(/100 %$/)
})
