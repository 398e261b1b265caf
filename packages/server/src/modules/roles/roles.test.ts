import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp()
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

const auditOf = async (id: string) => {
  const rows = await app.database.db
    .selectFrom('audit_events')
    .select(['type', 'detail', 'actor_id'])
    .where('resource_id', '=', id)
    .orderBy('id')
    .execute()
  return rows.map(({ type, detail, actor_id }) => ({ type, ...JSON.parse(detail), by: actor_id }))
}

describe('roles', () => {
  it('R01 R02: the built-in ones are there, and stay as they are', async () => {
    const { data, page } = (await admin.get('/admin/roles')).json
    const builtIn = data.filter((entry: { built_in: boolean }) => entry.built_in)
    expect(builtIn.map((entry: { name: string }) => entry.name)).toEqual(['admin', 'moderator', 'user', 'guest'])
    expect(builtIn[0]).toMatchObject({ permissions: ['*'], effective_permissions: ['*'], version: 1, created_at: null })
    expect(page).toMatchObject({ next_cursor: null, has_more: false })
    for (const name of ['admin', 'moderator', 'user', 'guest']) {
      expect(outcome(await admin.patch(`/admin/roles/${name}`, { permissions: [] }))).toEqual([409, 'state_conflict'])
      expect(outcome(await admin.delete(`/admin/roles/${name}?force=true`))).toEqual([409, 'state_conflict'])
      expect(outcome(await admin.post('/admin/roles', role(name)))).toEqual([409, 'already_exists'])
    }
    expect((await admin.get('/admin/roles')).json.data.slice(0, 4)).toEqual(builtIn)
  })

  it('R03: is made, read, changed and deleted, and each change is in the audit log', async () => {
    const body = { ...role('support', ['users:read', 'users:read'], ['guest']), description: 'Answers people' }
    const created = await admin.post('/admin/roles', body)
    expect(created.status).toBe(201)
    expect(created.headers).toMatchObject({ location: '/api/v1/admin/roles/support', etag: '"v1"' })
    expect(created.json).toMatchObject({
      name: 'support',
      permissions: ['users:read'],
      inherits: ['guest'],
      version: 1,
    })
    expect(created.json.effective_permissions).toContain('people:read')

    const read = await admin.get('/admin/roles/support')
    expect(read.json).toEqual(created.json)
    expect(read.headers.etag).toBe('"v1"')
    expect((await admin.get('/admin/roles/support', { 'if-none-match': '"v1"' })).status).toBe(304)

    const changed = await admin.patch(
      '/admin/roles/support',
      { permissions: ['users:suspend'], inherits: [] },
      { 'if-match': '"v1"' },
    )
    expect(changed.json).toMatchObject({ permissions: ['users:suspend'], inherits: [], version: 2 })
    expect(changed.json.description).toBe('Answers people')
    const stale = await admin.patch('/admin/roles/support', { description: 'x' }, { 'if-match': '"v1"' })
    expect(outcome(stale)).toEqual([412, 'precondition_failed'])
    expect(outcome(await admin.delete('/admin/roles/support', { 'if-match': '"v1"' }))).toEqual([
      412,
      'precondition_failed',
    ])
    expect((await admin.patch('/admin/roles/support', { description: 'Helps' })).json.version).toBe(3)
    expect((await admin.delete('/admin/roles/support', { 'if-match': '"v3"' })).status).toBe(204)
    expect(outcome(await admin.get('/admin/roles/support'))).toEqual([404, 'not_found'])
    expect(outcome(await admin.delete('/admin/roles/support'))).toEqual([404, 'not_found'])

    const by = admin.userId
    expect(await auditOf('support')).toEqual([
      { type: 'permission_granted', permissions: ['users:read'], inherits: ['guest'], by },
      { type: 'permission_granted', permissions: ['users:suspend'], inherits: [], by },
      { type: 'permission_revoked', permissions: ['users:read'], inherits: ['guest'], by },
      { type: 'system_config_changed', changed: ['description'], by },
      { type: 'permission_revoked', permissions: ['users:suspend'], inherits: [], accounts: 0, deleted: true, by },
    ])
  })

  it('lists every permission with what it allows', async () => {
    const { data } = (await admin.get('/admin/permissions')).json
    expect(data).toContainEqual(expect.objectContaining({ name: 'roles:read', resource: 'roles', action: 'read' }))
    expect(data.every((entry: { description: string }) => entry.description.length > 5)).toBe(true)
  })

  it.each([
    ['a name in capitals', role('Support'), 'validation_failed', '/name'],
    ['a name with a slash', role('a/b'), 'validation_failed', '/name'],
    ['no name', { permissions: [] }, 'validation_failed', '/name'],
    ['an unknown permission', role('x1', ['users:fly']), 'validation_failed', '/permissions'],
    ['an unknown resource', role('x1', ['secrets:*']), 'validation_failed', '/permissions'],
    ['a name every object has', role('x1', ['constructor']), 'validation_failed', '/permissions'],
    ['an unknown role', role('x1', [], ['nobody']), 'validation_failed', '/inherits'],
    ['itself', role('x1', [], ['x1']), 'validation_failed', '/inherits'],
    ['permissions that are no list', { name: 'x1', permissions: '*' }, 'validation_failed', '/permissions'],
    ['a foreign field', { ...role('x1'), built_in: true }, 'unknown_field', '/built_in'],
    ['a version', { ...role('x1'), version: 7 }, 'unknown_field', '/version'],
  ])('refuses %s', async (_what, body, code, pointer) => {
    const answer = await admin.post('/admin/roles', body)
    expect(outcome(answer)).toEqual([422, code])
    expect(answer.json.errors[0].pointer).toBe(pointer)
    expect((await admin.get('/admin/roles/x1')).status).toBe(404)
  })

  it('never inherits in a circle, also when two ends are tied at once', async () => {
    await made('ring1')
    await made('ring2', [], ['ring1'])
    await made('ring3', [], ['ring2'])
    const closing = await admin.patch('/admin/roles/ring1', { inherits: ['ring3'] })
    expect(outcome(closing)).toEqual([422, 'validation_failed'])
    expect(closing.json.errors[0].code).toBe('inheritance_cycle')

    for (let round = 0; round < 10; round++) {
      const [left, right] = [`left${round}`, `right${round}`]
      await made(left)
      await made(right)
      const both = await Promise.all([
        admin.patch(`/admin/roles/${left}`, { inherits: [right] }),
        admin.patch(`/admin/roles/${right}`, { inherits: [left] }),
      ])
      expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
    }
  })

  it('20 who make a role of one name at once: exactly one does', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => admin.post('/admin/roles', role('only_one'))))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)])
  })

  it('is not deleted while somebody has it or a role inherits from it, unless forced', async () => {
    await made('base', ['users:read'])
    await made('heir', [], ['base'])
    const holder = await app.holderOf(['base', 'user'])
    const refused = await admin.delete('/admin/roles/base')
    expect(outcome(refused)).toEqual([409, 'state_conflict'])
    expect(refused.json).toMatchObject({ accounts: 1, roles: ['heir'] })
    expect((await holder.get('/users/me')).json.roles).toEqual(['base', 'user'])

    expect((await admin.delete('/admin/roles/base?force=true')).status).toBe(204)
    expect((await holder.get('/users/me')).json.roles).toEqual(['user'])
    expect((await admin.get('/admin/roles/heir')).json).toMatchObject({ inherits: [], version: 2 })
    // A new role of that name is nobody's.
    await made('base', ['roles:read'])
    expect(outcome(await holder.get('/admin/roles'))).toEqual([403, 'admin_required'])
  })

  it('a role that is given while it is deleted is had by nobody in the end', async () => {
    for (const name of ['flash1', 'flash2', 'flash3']) {
      await made(name, ['roles:read'])
      const { username, userId } = await app.person()
      await Promise.all([
        app.services.administration.setRoles(username, [name, 'user']).catch(() => {}),
        admin.delete(`/admin/roles/${name}?force=true`),
      ])
      const held = await app.database.db.selectFrom('user_roles').selectAll().where('user_id', '=', userId).execute()
      expect(held.filter(({ role }) => role === name)).toEqual([])
    }
  })
})
