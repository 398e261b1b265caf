import { describe, expect, it } from 'vitest'
import { createTestApp, password } from '../../../test/test-app.ts'

describe('setup', () => {
  it('makes the first administrator once, with the printed token only', async () => {
    const fresh = await createTestApp()
    expect((await fresh.visitor().get('/meta')).json.setup_required).toBe(true)
    const token = await fresh.services.setup.prepare()
    expect(await fresh.services.setup.prepare()).toBe(token)
    const body = { username: 'admin', email: 'admin@example.com', password }
    const tries = await Promise.all([
      fresh.visitor().post('/setup', { ...body, token: 'guess' }),
      ...Array.from({ length: 5 }, () => fresh.visitor().post('/setup', { ...body, token })),
    ])
    expect(tries[0]?.status).toBe(401)
    expect(tries.slice(1).filter((answer) => answer.status === 201)).toHaveLength(1)
    expect((await fresh.visitor().post('/setup', { ...body, token })).status).toBe(404)
    expect((await fresh.visitor().get('/meta')).json.setup_required).toBe(false)
    expect(await fresh.services.setup.prepare()).toBeUndefined()
    const admin = fresh.visitor()
    expect((await admin.post('/auth/login', { identifier: 'admin', password })).json.user.roles).toEqual([
      'admin',
      'user',
    ])
    await fresh.drop()
  })
})

it('is over once an operator made an administrator by command', async () => {
  const fresh = await createTestApp()
  const token = await fresh.services.setup.prepare()
  await fresh.services.administration.create({ username: 'operator', email: 'operator@example.com', password }, [
    'admin',
  ])
  const answer = await fresh.visitor().post('/setup', { token, username: 'late', email: 'late@example.com', password })
  expect(answer.status).toBe(404)
  expect((await fresh.visitor().get('/users/@late')).status).toBe(404)
  await fresh.drop()
})
