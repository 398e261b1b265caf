import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

const apps: TestApp[] = []
let app: TestApp
let ann: Visitor
beforeEach(async () => {
  app = await createTestApp()
  apps.push(app)
  ann = await app.holderOf(['admin', 'user'], 'ann')
  await app.holderOf(['admin', 'user'], 'bob')
})
afterAll(async () => {
  for (const each of apps) await each.drop()
})

const lastAdmin = { code: 'last_admin', status: 409 }

const activeAdmins = async () => {
  const rows = await app.database.db
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .select('users.username')
    .where('user_roles.role', '=', 'admin')
    .where('users.status', '=', 'active')
    .execute()
  return rows.map(({ username }) => username).sort()
}

describe('M36 AZ6: the last administrator', () => {
  it('M36: cannot be demoted or suspended, under any of their names', async () => {
    const { administration } = app.services
    await administration.setRoles('bob', ['user'])
    for (const name of ['ann', 'ANN', 'ann@example.com', ann.userId]) {
      await expect(administration.setRoles(name, ['user'])).rejects.toMatchObject(lastAdmin)
      await expect(administration.setStatus(name, 'suspended')).rejects.toMatchObject(lastAdmin)
    }
    expect(await activeAdmins()).toEqual(['ann'])
    expect((await ann.get('/users/me')).status).toBe(200)
    await administration.setRoles('ann', ['admin', 'moderator'])
    await administration.setRoles('bob', ['admin'])
    await administration.setStatus('ann', 'suspended')
    expect(await activeAdmins()).toEqual(['bob'])
  })

  it('M36: suspended administrators and programs do not count', async () => {
    const { administration } = app.services
    await administration.setStatus('bob', 'suspended')
    await expect(administration.setRoles('ann', ['user'])).rejects.toMatchObject(lastAdmin)
    // Who is suspended already may lose the role.
    await administration.setRoles('bob', ['user'])
    const { id } = await administration.create(
      { username: 'robot', email: 'robot@example.com', password: 'a quiet harbour at dawn' },
      ['admin'],
    )
    await app.database.unitOfWork(({ tx }) =>
      tx.updateTable('users').set({ kind: 'service' }).where('id', '=', id).execute(),
    )
    await expect(administration.setStatus('ann', 'suspended')).rejects.toMatchObject(lastAdmin)
  })

  it.each([
    ['demoting', 'demoting'],
    ['suspending', 'suspending'],
    ['demoting', 'suspending'],
  ] as const)('M36: two who remove each other at once, by %s and %s, leave one', async (one, other) => {
    const { administration } = app.services
    const remove = (how: typeof one | typeof other, name: string) =>
      how === 'demoting' ? administration.setRoles(name, ['user']) : administration.setStatus(name, 'suspended')
    const carl = await app.holderOf(['admin'], 'carl')
    expect(carl.userId).not.toBe('')
    for (let round = 0; round < 5; round++) {
      for (const name of ['ann', 'bob', 'carl']) {
        await administration.setStatus(name, 'active')
        await administration.setRoles(name, ['admin'])
      }
      const results = await Promise.allSettled([remove(one, 'ann'), remove(other, 'bob'), remove(one, 'carl')])
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(refused).toEqual(['last_admin'])
      expect(await activeAdmins()).toHaveLength(1)
    }
  })

  it('20 changes of one account’s roles at once all go through, one after the other', async () => {
    const { administration } = app.services
    await app.person('dora')
    const wanted = Array.from({ length: 20 }, (_, index) => (index % 2 ? ['user'] : ['user', 'moderator']))
    await Promise.all(wanted.map((roles) => administration.setRoles('dora', roles)))
    await expect(administration.setRoles('dora', ['user', 'nobody'])).rejects.toMatchObject({
      code: 'validation_failed',
      members: { errors: [{ pointer: '/roles', code: 'unknown_role' }] },
    })
  })
})
