import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { newMigration } from '../src/cli/new-migration.ts'
import { loadConfig } from '../src/config/config.ts'
import { bareEnvironment } from './bare-environment.ts'

const cli = join(import.meta.dirname, '../src/cli.ts')
const folder = mkdtempSync(join(tmpdir(), 'atrium-setup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const atrium = (args: readonly string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [cli, ...args], { env: bareEnvironment(), cwd: folder }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

it('init writes settings that a server in production takes, for its owner only, and overwrites nothing', async () => {
  const file = join(folder, 'atrium.env')
  const made = await atrium(['--json', 'init', '--public-url', 'https://atrium.example.com'])
  expect([made.code, JSON.parse(made.out)]).toEqual([0, { file }])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = readFileSync(file, 'utf8')
  expect(loadConfig(parseEnv(text))).toMatchObject({ production: true, tls: true, dataDir: join(folder, 'data') })
  const twice = await atrium(['init', '--public-url', 'https://atrium.example.com'])
  expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('is there already')])
  expect(readFileSync(file, 'utf8')).toBe(text)
  const bad = await atrium(['init', '--public-url', 'http://atrium.example.com', '--file', 'other.env'])
  expect([bad.code, bad.err, existsSync(join(folder, 'other.env'))]).toEqual([
    1,
    expect.stringContaining('PUBLIC_URL: production needs https'),
    false,
  ])
}, 120_000)

it('migrate new takes the next number and names the migration in the list', async () => {
  const migrations = join(import.meta.dirname, '../src/platform/db/migrations')
  copyFileSync(join(migrations, 'index.ts'), join(folder, 'index.ts'))
  copyFileSync(join(migrations, '0001_platform.ts'), join(folder, '0041_platform.ts'))
  const file = newMigration(folder, 'add_places_colour')
  expect(file).toBe(join(folder, '0042_add_places_colour.ts'))
  expect(readFileSync(file, 'utf8')).toContain('export const addPlacesColour: Migration = {')
  const list = readFileSync(join(folder, 'index.ts'), 'utf8')
  expect(list).toContain(`import { addPlacesColour } from './0042_add_places_colour.ts'\n`)
  expect(list).toMatch(/ {2}'0042_add_places_colour': addPlacesColour,\n\}\n$/)
  expect(() => newMigration(folder, 'add_places_colour')).toThrow(/already/)
  expect(() => newMigration(folder, 'Add Places')).toThrow(/snake_case/)
  expect((await atrium(['migrate', 'new', '../evil'])).code).toBe(2)
}, 60_000)

it('dev runs the server, and ends with it', async () => {
  const env = { ...bareEnvironment(), PORT: '0', DATA_DIR: join(folder, 'dev'), LOG_LEVEL: 'silent' }
  const child = spawn(process.execPath, [cli, 'dev'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  while (!said.includes('Atrium is running at')) said += String((await once(child.stdout, 'data'))[0])
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect((await ended)[0]).toBe(0)
}, 120_000)
