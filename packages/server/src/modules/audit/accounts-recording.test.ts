import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bareEnvironment } from '../../../test/bare-environment.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/databases.ts'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let database: TestDatabase
let app: TestApp
beforeAll(async () => {
  database = await createTestDatabase()
  app = await createTestApp({}, {}, database)
})
afterAll(() => app.drop())

const rowsOf = async (userId: string) => {
  const query = app.database.db.selectFrom('audit_events').selectAll().where('user_id', '=', userId)
  const rows = await query.orderBy('at').orderBy('id').execute()
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) }))
}

it('LO3: the first administrator is written down with the roles', async () => {
  const token = await app.services.setup.prepare()
  const root = { username: 'root-admin', email: 'root@example.com', password }
  const { json } = await app.visitor().post('/setup', { token, ...root })
  const { id } = json.user
  expect(await rowsOf(id)).toMatchObject([
    { type: 'user_created', actor_id: id, actor_kind: 'user', path: '/api/v1/setup', detail: { setup: true } },
    { type: 'role_assigned', actor_id: id, resource_id: id, detail: { roles: ['admin', 'user'] } },
  ])
})

it('LO3: a profile that changed is written down by the names of its fields', async () => {
  const ann = await app.person()
  const before = (await rowsOf(ann.userId)).length
  const updates = async () => (await rowsOf(ann.userId)).slice(before).map(({ type, detail }) => [type, detail])
  await ann.patch('/users/me', { bio: 'private words', display_name: 'Ann', country: null })
  expect(await updates()).toEqual([['user_updated', { fields: ['bio', 'display_name'] }]])
  await ann.patch('/users/me', { bio: 'private words', date_of_birth: '2000-01-31' })
  await ann.patch('/users/me', { bio: 'private words', date_of_birth: '2000-01-31' })
  expect((await updates()).slice(1)).toEqual([['user_updated', { fields: ['date_of_birth'] }]])
})

const cli = join(import.meta.dirname, '../../cli.ts')

/** A command as an operator runs it, in a process of its own beside the server. */
function command(args: string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...bareEnvironment(), DATABASE_URL: database.url, DATA_DIR: database.dataDir, TESTING: 'true' }
    const child = execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout),
    )
    child.stdin?.end(input)
  })
}

it('LO3: what commands do is written down as theirs, by the name of the command', { timeout: 120_000 }, async () => {
  const account = ['--username', 'carl', '--email', 'carl@example.com', '--password-stdin']
  const { id } = JSON.parse(await command(['--json', 'user', 'create', ...account], password))
  await command(['user', 'suspend', 'carl'])
  const rows = await rowsOf(id)
  expect(rows.map(({ type, path }) => [type, path])).toEqual([
    ['user_created', 'user create'],
    ['role_assigned', 'user create'],
    ['user_suspended', 'user suspend'],
  ])
  for (const row of rows) {
    expect(row).toMatchObject({ source: 'cli', actor_kind: 'system', actor_id: null, ip: null, request_id: null })
  }
})

it('LO3: so is every change an operator makes', async () => {
  const ann = await app.person()
  const { administration } = app.services
  const before = (await rowsOf(ann.userId)).length
  await administration.setRoles(ann.username, ['moderator'])
  await administration.setPassword(ann.username, 'another quiet harbour at noon')
  await administration.setStatus(ann.username, 'suspended')
  await administration.setStatus(ann.username, 'active')
  const changes = (await rowsOf(ann.userId)).slice(before)
  expect(changes.map(({ type, detail }) => [type, detail.roles])).toEqual([
    ['role_assigned', ['moderator']],
    ['role_removed', ['user']],
    ['password_changed', undefined],
    ['user_suspended', undefined],
    ['user_activated', undefined],
  ])
})
