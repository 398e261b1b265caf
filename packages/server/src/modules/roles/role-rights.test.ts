import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  admin = await app.holderOf(['admin', 'user'])
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const role = (name: string, permissions: string[] = [], inherits: string[] = []) => ({ name, permissions, inherits })

async function made(name: string, permissions: string[] = [], inherits: string[] = []): Promise<Answer> {
  const answer = await admin.post('/admin/roles', role(name, permissions, inherits))
  expect([name, answer.status]).toEqual([name, 201])
  return answer
}

/** Somebody who may write roles and holds little else. */
let writers = 0
async function roleWriter(...more: string[]): Promise<Visitor> {
  const name = `writer${++writers}`
  await made(name, ['roles:read', 'roles:update', ...more])
  return app.holderOf([name, 'user'])
}

const auditOf = async (id: string) => {
  const rows = await app.database.db
    .selectFrom('audit_events')
    .select(['type', 'detail', 'actor_id'])
    .where('resource_id', '=', id)
    .orderBy('id')
    .execute()
  return rows.map(({ type, detail, actor_id }) => ({ type, ...JSON.parse(detail), by: actor_id }))
}

describe('AZ6: nobody grants more than they hold', () => {
  it('AZ6: neither by permission, nor by wildcard, nor by inheritance', async () => {
    const writer = await roleWriter('users:read')
    for (const body of [
      role('more', ['*']),
      role('more', ['users:*']),
      role('more', ['roles:*']),
      role('more', ['users:read', 'users:delete']),
      role('more', [], ['admin']),
      role('more', [], ['moderator']),
    ]) {
      const answer = await writer.post('/admin/roles', body)
      expect([answer.status, answer.json.code]).toEqual([403, 'forbidden'])
      expect(answer.json.missing.length).toBeGreaterThan(0)
    }
    expect((await admin.get('/admin/roles/more')).status).toBe(404)
    const fine = await writer.post('/admin/roles', role('less', ['users:read', 'roles:read'], ['user']))
    expect(fine.status).toBe(201)
    expect(outcome(await writer.patch('/admin/roles/less', { permissions: ['users:delete'] }))).toEqual([
      403,
      'forbidden',
    ])
  })

  it('AZ6: cannot raise the role they have themselves', async () => {
    const writer = await roleWriter()
    const { roles } = (await writer.get('/users/me')).json
    const own = roles.find((name: string) => name.startsWith('writer'))
    const raise = { permissions: ['roles:read', 'roles:update', 'users:update'] }
    expect(outcome(await writer.patch(`/admin/roles/${own}`, raise))).toEqual([403, 'forbidden'])
    expect(outcome(await writer.patch(`/admin/roles/${own}`, { inherits: ['admin'] }))).toEqual([403, 'forbidden'])
  })

  it('AZ6: cannot touch a role that grants more than they hold, not even to weaken it', async () => {
    await made('mighty', ['users:delete'])
    const writer = await roleWriter()
    expect(outcome(await writer.patch('/admin/roles/mighty', { permissions: [] }))).toEqual([403, 'forbidden'])
    expect(outcome(await writer.patch('/admin/roles/mighty', { description: 'x' }))).toEqual([403, 'forbidden'])
    expect(outcome(await writer.delete('/admin/roles/mighty'))).toEqual([403, 'forbidden'])
    expect((await admin.get('/admin/roles/mighty')).json.version).toBe(1)
  })

  it('AZ6: roles are given and taken by the same rule', async () => {
    const { administration, sessions } = app.services
    const writer = await roleWriter('users:update')
    const target = await app.person()
    const { actor } = await sessions.authenticate(writer.cookies.get('access_token_cookie') ?? '')
    const refused = { code: 'forbidden' }
    await expect(administration.setRoles(writer.userId, ['admin', 'user'], actor)).rejects.toMatchObject(refused)
    await expect(administration.setRoles(target.userId, ['moderator'], actor)).rejects.toMatchObject(refused)
    await expect(administration.setRoles(admin.userId, ['user'], actor)).rejects.toMatchObject(refused)
    await administration.setRoles(target.userId, ['guest'], actor)
    expect(await auditOf(target.userId)).toMatchObject([
      { type: 'role_assigned', roles: ['guest'] },
      { type: 'role_removed', roles: ['user'] },
    ])
  })

  it('reading is not writing, and writing needs a recent proof', async () => {
    await made('reader', ['roles:read'])
    const reader = await app.holderOf(['reader', 'user'])
    expect((await reader.get('/admin/roles')).status).toBe(200)
    expect(outcome(await reader.post('/admin/roles', role('mine')))).toEqual([403, 'admin_required'])
    const other = await app.person()
    for (const url of ['/admin/roles', '/admin/roles/admin', '/admin/permissions']) {
      expect(outcome(await other.get(url))).toEqual([403, 'admin_required'])
      expect(outcome(await app.visitor().get(url))).toEqual([401, 'authentication_required'])
    }
    app.advance(601)
    for (const answer of [
      await admin.post('/admin/roles', role('late')),
      await admin.patch('/admin/roles/reader', { permissions: [] }),
      await admin.delete('/admin/roles/reader'),
    ]) {
      expect(outcome(answer)).toEqual([403, 'reauthentication_required'])
    }
    expect((await admin.get('/admin/roles/reader')).status).toBe(200)
    app.advance(-601)
  })
})

describe('AZ5: a change acts at once', () => {
  it('AZ5: on requests, up and down', async () => {
    await made('shifting', ['users:read'])
    const holder = await app.holderOf(['shifting', 'user'])
    expect(outcome(await holder.get('/admin/roles'))).toEqual([403, 'admin_required'])
    await admin.patch('/admin/roles/shifting', { permissions: ['roles:read'] })
    expect((await holder.get('/admin/roles')).status).toBe(200)
    await admin.patch('/admin/roles/shifting', { permissions: [] })
    expect(outcome(await holder.get('/admin/roles'))).toEqual([403, 'admin_required'])
  })

  it('AZ5: on what a page knows of its own account, whose ETag tells it', async () => {
    await made('reading', ['users:read'])
    const holder = await app.holderOf(['reading', 'user'])
    const known = await holder.get('/users/me')
    const again = () => holder.get('/users/me', { 'if-none-match': String(known.headers.etag) })
    expect((await again()).status).toBe(304)
    await admin.patch('/admin/roles/reading', { permissions: ['audit:read'] })
    const fresh = await again()
    expect([fresh.status, fresh.json.version]).toEqual([200, known.json.version])
    expect(fresh.json.permissions).toContain('audit:read')
    expect(known.json.permissions).not.toContain('audit:read')
  })

  it('AZ5: through a role it inherits from', async () => {
    await made('source', ['roles:read'])
    await made('stream', [], ['source'])
    const holder = await app.holderOf(['stream', 'user'])
    expect((await holder.get('/admin/roles')).status).toBe(200)
    await admin.patch('/admin/roles/source', { permissions: [] })
    expect(outcome(await holder.get('/admin/roles'))).toEqual([403, 'admin_required'])
  })

  it('AZ5: on open sockets: commands are refused, and who may not listen hears no more', async () => {
    await made('talker', ['account:read', 'messages:read', 'messages:send', 'conversations:read', 'events:read'])
    const holder = await app.holderOf(['talker'])
    const friend = await app.person()
    const room = await app.conversation(friend, holder)
    const live = await connect(app, holder)
    const send = (client_id: string) => live.ask('message.send', { conversation_id: room, client_id, text: 'hello' })
    expect((await send('one')).ok).toBe(true)

    await admin.patch('/admin/roles/talker', { permissions: ['account:read', 'events:read'] })
    expect((await send('two')).error).toMatchObject({ status: 403, code: 'forbidden' })
    expect(live.socket.connected).toBe(true)

    await admin.patch('/admin/roles/talker', { permissions: ['account:read'] })
    await live.hears('disconnect')
    await friend.post(`/conversations/${room}/messages`, { client_id: 'late', text: 'not for you' })
    expect(JSON.stringify(live.heard)).not.toContain('not for you')
    await expect(connect(app, holder)).rejects.toMatchObject({ problem: { status: 403, code: 'forbidden' } })
    expect((await holder.get('/users/me')).status).toBe(200)
  })

  it('AZ5: a change by another process is heard of by the sockets of this one', async () => {
    await made('remote', ['account:read', 'events:read'])
    const holder = await app.holderOf(['remote'])
    const live = await connect(app, holder)
    await app.services.roles.watch()
    await app.database.unitOfWork(({ tx }) =>
      tx.updateTable('roles').set({ permissions: '[]', version: 2 }).where('name', '=', 'remote').execute(),
    )
    await app.services.roles.watch()
    await live.hears('disconnect')
  })
})
