import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPasskey, addTotp, factorTrail, twenty } from '../../../test/second-factors.ts'
import { SoftwareAuthenticator } from '../../../test/software-authenticator.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const withoutPassword = (who: Visitor) =>
  app.database.unitOfWork(async ({ tx }) => {
    await tx.updateTable('users').set({ password_hash: null }).where('id', '=', who.userId).execute()
  })

describe('a passkey of an account', () => {
  it('is listed, shown and renamed, by its owner only', async () => {
    const [ann, eve] = [await app.person(), await app.person()]
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator(), 'Laptop')).json
    const own = `/users/me/passkeys/${id}`
    const renamed = await ann.patch(own, { name: ' Old laptop ' })
    expect(renamed.json).toMatchObject({ id, name: 'Old laptop' })
    expect((await ann.get(own)).json).toEqual(renamed.json)
    expect((await ann.get('/users/me/passkeys')).json.data).toEqual([renamed.json])
    expect((await ann.patch(own, { name: '   ' })).status).toBe(422)
    expect((await eve.get('/users/me/passkeys')).json.data).toEqual([])
    for (const answer of [await eve.get(own), await eve.patch(own, { name: 'x' }), await eve.delete(own)]) {
      expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
    }
    expect((await ann.get(own)).body).not.toMatch(/public_key|credential|counter/)
  })

  it('that was the last second factor takes the recovery codes along', async () => {
    const ann = await app.person()
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator(), 'Laptop')).json
    expect((await ann.delete(`/users/me/passkeys/${id}`)).status).toBe(204)
    expect((await ann.get('/users/me/mfa')).json).toMatchObject({ passkeys: 0, recovery_codes_left: 0 })
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(false)
    expect((await factorTrail(app, ann)).mails.slice(2)).toEqual(['passkey_removed', 'mfa_disabled'])
    expect((await factorTrail(app, ann)).events.slice(3)).toEqual(['passkey_removed', 'mfa_disabled'])
  })

  it('beside an app: either goes without the other', async () => {
    const ann = await app.person()
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator())).json
    await addTotp(app, ann)
    expect((await ann.delete('/users/me/mfa/totp')).status).toBe(204)
    expect((await ann.get('/users/me/mfa')).json).toMatchObject({ passkeys: 1, recovery_codes_left: 10 })
    await addTotp(app, ann)
    expect((await ann.delete(`/users/me/passkeys/${id}`)).status).toBe(204)
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(true)
    expect((await factorTrail(app, ann)).mails).toEqual([
      ...['passkey_added', 'mfa_enabled', 'totp_added', 'totp_removed', 'totp_added', 'passkey_removed'],
    ])
  })

  it('AU14 stays when there is no other way to sign in, also when two go at once', async () => {
    const ann = await app.person()
    const ids: string[] = []
    for (let i = 0; i < 2; i++) ids.push((await addPasskey(ann, new SoftwareAuthenticator())).json.id)
    await withoutPassword(ann)
    const answers = await Promise.all(ids.map((id) => ann.copy().delete(`/users/me/passkeys/${id}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(answers.find(({ status }) => status === 409)?.json.code).toBe('last_login_method')
    expect((await ann.get('/users/me/passkeys')).json.data).toHaveLength(1)
  })

  it('goes where another site still opens the account', async () => {
    const ann = await app.person()
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator())).json
    await withoutPassword(ann)
    await app.database.unitOfWork(async ({ tx }) => {
      const at = app.now().toISOString()
      const identity = { id: newId(), user_id: ann.userId, provider: 'dev', issuer: 'dev', subject: ann.userId }
      const rest = { email: null, display_name: null, created_at: at, last_used_at: null }
      await tx
        .insertInto('identities')
        .values({ ...identity, ...rest })
        .execute()
    })
    expect((await ann.delete(`/users/me/passkeys/${id}`)).status).toBe(204)
  })

  it('goes once, however often that is asked', async () => {
    const ann = await app.person()
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator())).json
    await addPasskey(ann, new SoftwareAuthenticator())
    const answers = await twenty(() => ann.copy().delete(`/users/me/passkeys/${id}`))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect((await factorTrail(app, ann)).mails.filter((template) => template === 'passkey_removed')).toHaveLength(1)
  })
})
