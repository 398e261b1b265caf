import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bareEnvironment } from '../../test/bare-environment.ts'
import {
  ask,
  idsOf,
  secretKey as key,
  nowhere,
  plenty,
  roomy,
  thisMachine,
  type Variables,
  wellPlace,
} from '../../test/doctor-place.ts'
import { knownFindings } from './findings.ts'
import type { Machine } from './machine-checks.ts'

const { folder, well, drop } = wellPlace()
afterAll(drop)

const inProduction = (): Variables => ({
  ...well(),
  ...{ NODE_ENV: 'production', PUBLIC_URL: 'https://atrium.invalid', TRUSTED_PROXIES: '10.0.0.1' },
  ...{ EMAIL_VERIFICATION: 'off', MAIL_FROM: 'a@example.com', RESEND_API_KEY: 're_x' },
})

it('W10: finds nothing where nothing is wrong, and leaves no trace', async () => {
  expect(await ask(well())).toEqual({ ok: true, findings: [] })
  expect(await idsOf(inProduction())).toEqual(['public_url_unreachable'])
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

describe('W10: settings', () => {
  it.each<[id: string, variables: Variables]>([
    ['setting_secret_key', { SECRET_KEY: 'short' }],
    ['setting_public_url', { PUBLIC_URL: 'http://atrium.example.com' }],
    ['setting_database_url', { DATABASE_URL: 'oracle://somewhere/db' }],
    ['setting_redis_url', { REDIS_URL: 'localhost' }],
    ['setting_port', { PORT: 'eighty' }],
    ['setting_trusted_proxies', { TRUSTED_PROXIES: 'my-proxy' }],
    ['setting_allowed_origins', { ALLOWED_ORIGINS: '*' }],
    ['setting_workers', { WORKERS: '4' }],
    ['setting_smtp_url', { SMTP_URL: 'mail.example.com', MAIL_FROM: 'a@example.com' }],
    ['setting_vapid_private_key', { VAPID_PRIVATE_KEY: 'abc' }],
    ['setting_cross_site_ui', { CROSS_SITE_UI: 'true' }],
    ['settings_foreign', { FLASK_SECRET_KEY: 'x' }],
    ['testing_on', { TESTING: 'true' }],
    ['environment_development', { HOST: '0.0.0.0' }],
    ['old_key_repeated', { SECRET_KEYS_OLD: key }],
    ['proxy_trusts_everyone', { TRUSTED_PROXIES: '0.0.0.0/0' }],
  ])('%s', async (id, variables) => {
    expect(await idsOf({ ...well(), ...variables })).toContain(id)
  })

  it.each<[id: string, variables: Variables]>([
    ['setting_public_url', { PUBLIC_URL: '' }],
    ['setting_secret_key', { SECRET_KEY: '' }],
    ['mail_off', { RESEND_API_KEY: '', MAIL_DRIVER: 'off' }],
    ['push_subject', { PUBLIC_URL: 'http://localhost:8000', MAIL_FROM: 'atrium@localhost' }],
    ['proxy_unknown', { TRUSTED_PROXIES: '' }],
    ['host_exposed', { HOST: '0.0.0.0' }],
  ])('%s, in production', async (id, variables) => {
    expect(await idsOf({ ...inProduction(), ...variables })).toContain(id)
  })

  it('workers_exceed_cores', async () => {
    const variables = {
      ...well(),
      WORKERS: '64',
      REDIS_URL: 'redis://localhost:1',
      DATABASE_URL: `postgres://a@${nowhere}/a`,
    }
    expect(await idsOf(variables)).toContain('workers_exceed_cores')
  })
})

describe('W10: the machine', () => {
  it.each<[id: string, machine: Partial<Machine>]>([
    ['node_version', { nodeVersion: '20.19.0' }],
    ['time_zones_missing', { knowsZone: () => false }],
    ['open_files_few', { openFiles: () => 1024 }],
    ['disk_almost_full', { disk: () => ({ free: 20e9, size: 1e12, isInMemory: false }) }],
    ['data_dir_in_memory', { disk: () => ({ ...plenty, isInMemory: true }) }],
  ])('%s', async (id, machine) => {
    expect(await idsOf(inProduction(), { ...roomy, ...machine })).toContain(id)
  })

  it('data_dir_unwritable', async () => {
    writeFileSync(join(folder, 'a-file'), '')
    expect(await idsOf({ ...well(), DATA_DIR: join(folder, 'a-file', 'data') })).toEqual(['data_dir_unwritable'])
  })

  it('secret_key_readable', async () => {
    const place = mkdtempSync(join(folder, 'open-'))
    writeFileSync(join(place, 'secret-key'), key)
    chmodSync(join(place, 'secret-key'), 0o644)
    expect(await idsOf({ DATA_DIR: place })).toEqual(['secret_key_readable'])
  })

  it('tells what this machine really has', () => {
    expect(thisMachine.knowsZone('Europe/Zurich')).toBe(true)
    expect(thisMachine.knowsZone('Nowhere/Nothing')).toBe(false)
    expect(thisMachine.disk('/').size).toBeGreaterThan(0)
    const here = join(import.meta.dirname, 'machine-checks.ts')
    const script = `import { machineOf } from ${JSON.stringify(here)}; console.log(machineOf(process).openFiles())`
    const words = ['-c', 'ulimit -n 512; exec "$0" --input-type=module -e "$1"', process.execPath, script]
    expect(spawnSync('/bin/sh', words, { encoding: 'utf8' }).stdout.trim()).toBe('512')
  })
})

describe('W10: modules', () => {
  const good = "export default { name: 'good-one', build: () => ({}) }"
  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }

  const run = (args: string[], modules: string) => {
    const env = { ...bareEnvironment(), ...well(), TESTING: 'true', MODULES: modules }
    return spawnSync(process.execPath, [join(import.meta.dirname, '../cli.ts'), ...args], { env, encoding: 'utf8' })
  }

  // By the command: whoever runs these tests reads files in another way than Node does.
  it('module_failed, with the place where it is known, and module_missing, beside each other and whatever else is wrong', () => {
    const modules = [
      write('good.mjs', good),
      write('a.mjs', 'export default {\n  name: =\n}'),
      write('b.ts', 'const a: = 1'),
      write('c.mjs', "\nthrow new Error('no luck')"),
      write('d.mjs', "throw 'odd'"),
      write('e.mjs', "import 'no-such-package'"),
      'no-such-module',
      folder,
    ]
    const { status, stdout, stderr } = run(['--json', 'doctor'], modules.join())
    expect([status, stderr]).toEqual([1, ''])
    const { findings } = JSON.parse(stdout) as { findings: { id: string; detail: string }[] }
    expect(findings.map(({ id, detail }) => `${id}: ${detail.replace(/^.*? cannot be used: /, '')}`)).toEqual([
      expect.stringMatching(/^module_failed: it does not load: SyntaxError: Unexpected token '='$/),
      expect.stringMatching(/^module_failed: it does not load: SyntaxError: .+ \(\/.+b\.ts:1\)$/),
      expect.stringMatching(/^module_failed: it does not load: Error: no luck \(file:.+c\.mjs:2\)$/),
      'module_failed: it does not load: odd',
      expect.stringMatching(/^module_failed: it does not load: Error: Cannot find package 'no-such-package'/),
      expect.stringMatching(/^module_missing: there is no such file/),
      expect.stringMatching(/^module_missing: there is no such file/),
      'testing_on: TESTING=true',
    ])
  }, 60_000)

  it.each<[detail: RegExp, name: string, text: string]>([
    [/its default export is no module/, 'f.mjs', 'export const name = 1'],
    [/its default export is no module/, 'g.mjs', 'export default null'],
    [/kebab-case/, 'h.mjs', "export default { name: 'Odd', build: () => ({}) }"],
    [/cannot be read: TypeError/, 'i.mjs', "export default { name: 'i', tables: 7, build: () => ({}) }"],
    [/there is another one of this name/, 'j.mjs', good],
    [
      /K_SIZE has to be set/,
      'k.mjs',
      `import { Type } from ${JSON.stringify(import.meta.resolve('typebox'))}
      export default { name: 'k', settings: Type.Object({ K_SIZE: Type.Integer() }), build: () => ({}) }`,
    ],
  ])('module_wrong: %s', async (detail, name, text) => {
    const modules = [write('good.mjs', good), write(name, text)]
    const { ok, findings } = await ask({ ...well(), MODULES: modules.join(), REDIS_URL: 'redis://localhost:1' })
    expect([ok, findings.map(({ id }) => id)]).toEqual([false, ['module_wrong', 'redis_unreachable']])
    expect(findings[0]?.detail).toMatch(detail)
  })

  it('any other command ends with one line', () => {
    const { status, stderr } = run(['migrate', 'status'], 'no-such-module')
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^The module no-such-module .+\n$/)])
  }, 60_000)
})

it('W10: the command tells all of it as JSON, or in words, and its exit code says how bad it is', () => {
  const cli = join(import.meta.dirname, '../cli.ts')
  const run = (args: string[], variables: Variables) =>
    spawnSync(process.execPath, [cli, ...args], { env: { ...bareEnvironment(), ...variables }, encoding: 'utf8' })
  const bad = run(['--json', 'doctor'], { ...well(), SECRET_KEY: 'short' })
  expect([bad.status, bad.stderr]).toEqual([1, ''])
  expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, findings: [{ id: 'setting_secret_key' }] })
  const meant = run(['doctor', '--strict'], { ...well(), TESTING: 'true' })
  expect([meant.status, meant.stdout]).toEqual([
    1,
    expect.stringMatching(/^WARNING testing_on: TESTING is on\n {2}.+\n {2}.+/m),
  ])
  expect(run(['doctor'], { ...well(), TESTING: 'true' }).status).toBe(0)
}, 60_000)

it('W10: the guide lists every finding', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guide/doctor.md'), 'utf8')
  // Those of browsers are held together with their words by the tests of the web app.
  const listed = [...guide.matchAll(/^\| `(?!browser_)(\w+)` \| (\w+) \|/gm)].map(([, id, severity]) => [id, severity])
  expect(listed).toEqual(Object.entries(knownFindings).map(([id, { severity }]) => [id, severity]))
})
