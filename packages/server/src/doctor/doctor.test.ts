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
