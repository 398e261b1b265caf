import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { connect, type LiveClient } from '../../../test/live-client.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { readBackup } from './read-backup.ts'

let app: TestApp
afterEach(() => app.drop())

/** Whatever was begun has ended, and those who look were told to look again. */
const idle = async (live: LiveClient, list: () => Promise<{ state: string }[]>) => {
  await expect.poll(async () => (await list()).map(({ state }) => state), { timeout: 30_000 }).not.toContain('running')
  await expect.poll(async () => (await list()).map(({ state }) => state), { timeout: 30_000 }).not.toContain('checking')
  await live.hears('admin.changed')
}

it('F13: an administrator makes a backup while the server runs, checks it, takes it away and deletes it', {
  timeout: 90_000,
}, async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  const root = await app.holderOf(['admin'])
  const ann = await app.person('ann')
  const list = async () => (await root.get('/admin/backups')).json.data
  const live = await connect(app, root)
  expect(await list()).toEqual([])

  const begun = await root.post('/admin/backups')
  expect(begun.status).toBe(202)
  expect(begun.json).toMatchObject({ state: 'running', progress: { step: 'tables' } })
  await idle(live, list)
  const [made] = await list()
  expect(made).toMatchObject({ ...{ id: begun.json.id, state: 'ready', verified_at: null, problem: null } })
  expect(made.rows).toBeGreaterThan(5)
  const folder = join(app.config.dataDir, 'backups')
  const file = join(folder, `${made.id}.atrium`)
  expect([statSync(file).mode & 0o777, statSync(file).size]).toEqual([0o600, made.size])

  expect((await root.post(`/admin/backups/${made.id}/verify`)).status).toBe(202)
  await idle(live, list)
  expect((await list())[0]).toMatchObject({ verified_at: expect.any(String), problem: null })

  const head = await root.send('HEAD', `/admin/backups/${made.id}/download`)
  const got = await root.get(`/admin/backups/${made.id}/download`)
  expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', got.headers['content-length']])
  expect(got.headers).toMatchObject({
    'content-disposition': expect.stringMatching(/^attachment; filename="atrium-[\w-]+\.atrium"$/),
    'cache-control': 'private, no-store',
  })
  const taken = join(app.config.dataDir, 'taken.atrium')
  writeFileSync(taken, got.bytes)
  expect((await readBackup(taken)).tables.users?.rows).toBe(2)

  writeFileSync(file, got.bytes.subarray(0, got.bytes.length - 30))
  await root.post(`/admin/backups/${made.id}/verify`)
  await idle(live, list)
  expect((await list())[0]).toMatchObject({ verified_at: null, problem: expect.any(String) })
  live.close()

  for (const who of [ann, app.visitor()]) {
    const status = who === ann ? 403 : 401
    expect((await who.get('/admin/backups')).status).toBe(status)
    expect((await who.post('/admin/backups')).status).toBe(status)
    expect((await who.get(`/admin/backups/${made.id}/download`)).status).toBe(status)
  }
  expect((await root.delete(`/admin/backups/${made.id}`)).status).toBe(204)
  expect(readdirSync(folder)).toEqual([])
  expect((await root.get(`/admin/backups/${made.id}/download`)).json.code).toBe('not_found')
  expect((await root.get(`/admin/backups/${'..%2f'.repeat(3)}secret-key/download`)).status).toBeGreaterThanOrEqual(400)
  const types = (await root.get('/admin/audit?category=system')).json.data.map(
    (each: { event_type: string }) => each.event_type,
  )
  expect(types.sort()).toEqual(
    ['backup_created', 'backup_verified', 'backup_verified', 'backup_downloaded', 'backup_deleted'].sort(),
  )
  app.advance(601)
  expect((await root.get(`/admin/backups/${made.id}/download`)).json.code).toBe('reauthentication_required')
})
