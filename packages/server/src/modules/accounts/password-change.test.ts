import { afterEach, describe, expect, it } from 'vitest'
import { expectEnded, expectOpen, openAccess } from '../../../test/ended-access.ts'
import { mailsTo, tally } from '../../../test/mailed.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const fresh = 'a lantern on the stairs'
const change = (who: Visitor, current_password: string, new_password: string) =>
  who.put('/users/me/password', { current_password, new_password })
const takeAway = async (who: Visitor) =>
  app.database.unitOfWork(async ({ tx }) => {
    await tx.updateTable('users').set({ password_hash: null }).where('id', '=', who.userId).execute()
  })

describe('changing the password', () => {
  it('AU4 SE3 needs the current one and a recent proof; other sessions and sockets end, the owner is mailed', async () => {
    app = await createTestApp({ PORT: '0' })
    await app.listen()
    const ann = await app.person('ann')
    const other = app.visitor()
    await other.post('/auth/login', { identifier: 'ann', password })
    const [own, elsewhere] = [await openAccess(app, ann), await openAccess(app, other)]
    expect((await ann.put('/users/me/password', { new_password: fresh })).status).toBe(422)
    const wrong = await change(ann, 'a wrong guess', fresh)
    expect([wrong.status, wrong.json.code, wrong.json.detail]).toEqual([
      401,
      'current_password_incorrect',
      'Current password incorrect',
    ])
    app.advance(601)
    const old = await change(ann, password, fresh)
    expect([old.status, old.json.code]).toEqual([403, 'reauthentication_required'])
    await ann.post('/auth/reauthenticate', { password })
    expect((await change(ann, password, fresh)).json).toEqual({ message: 'Password changed' })
    await expectEnded(app, elsewhere, 'password_changed')
    await expectOpen({ ...own, visitor: ann })
    expect(await mailsTo(app, 'ann@example.com')).toContain('password_changed')
    expect((await app.visitor().post('/auth/login', { identifier: 'ann', password })).status).toBe(401)
    const log = await app.database.db
      .selectFrom('audit_events')
      .select('type')
      .where('user_id', '=', ann.userId)
      .where('type', '=', 'password_changed')
      .execute()
    expect(log).toHaveLength(1)
  })

  it('succeeds for one of 20 at once', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    const tries = []
    for (let round = 0; round < 4; round++) {
      // Five at a time: wrong ones are counted, and the right one ends the count.
      const words = Array.from({ length: 5 }, (_, i) => `${fresh} ${round * 5 + i}`)
      tries.push(...(await Promise.all(words.map((word) => change(ann, password, word)))))
    }
    expect(tries.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(tally(tries)[500]).toBeUndefined()
  })

  it('counts guesses of the current one, whatever is proved besides', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    const guesses = await Promise.all(Array.from({ length: 8 }, (_, i) => change(ann, `guess number ${i}`, fresh)))
    expect(tally(guesses)).toEqual({ 401: 5, 429: 3 })
    expect((await change(ann, password, fresh)).json.code).toBe('too_many_attempts')
  })
})

describe('the first password', () => {
  it('is for accounts without one only, and judged like the others', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    const set = (word: string) => ann.post('/users/me/password', { new_password: word })
    expect([(await set(fresh)).status, (await set(fresh)).json.code]).toEqual([409, 'state_conflict'])
    await takeAway(ann)
    expect((await change(ann, password, fresh)).status).toBe(401)
    expect((await set('password123')).json.errors[0]).toMatchObject({
      pointer: '/new_password',
      code: 'password_breached',
    })
    app.advance(601)
    expect((await set(fresh)).json.code).toBe('reauthentication_required')
    app.advance(-601)
    const tries = await Promise.all(Array.from({ length: 20 }, (_, i) => set(`${fresh} ${i}`)))
    expect(tally(tries)).toEqual({ 200: 1, 409: 19 })
    expect((await ann.get('/users/me')).json.has_password).toBe(true)
    expect(await mailsTo(app, 'ann@example.com')).toContain('password_set')
  })
})

describe('AU1 AU2 AU3 the rule', () => {
  const register = (username: string, word: string) =>
    app.visitor().post('/auth/register', { username, email: `${username}@example.com`, password: word })
  const signIn = (identifier: string, word: string) => app.visitor().post('/auth/login', { identifier, password: word })

  it('AU1 AU2 takes any characters as typed, and refuses what is too long instead of cutting it', async () => {
    app = await createTestApp()
    const words = [
      'x7'.repeat(32),
      'ab9-'.repeat(32),
      'correct horse battery staple',
      'onlysmallletters',
      '8402957316',
      '🦊🌊🦊🌊🦊🌊🦊🌊',
      '  spaces before and after  ',
      'caf\u00e9 an der Ecke',
    ]
    for (const [i, word] of words.entries()) {
      expect((await register(`person${i}`, word)).status).toBe(201)
      expect((await signIn(`person${i}`, word.normalize('NFD'))).status).toBe(200)
      expect((await signIn(`person${i}`, `${word.slice(0, 72)}!`)).status).toBe(401)
    }
    for (const length of [129, 1024]) {
      const long = await register('long', 'x7'.repeat(length).slice(0, length))
      expect(long.json.errors).toEqual([expect.objectContaining({ code: 'password_too_long' })])
    }
  })

  it('AU3 trap 14 refuses what is guessed first on every path that sets a password', async () => {
    app = await createTestApp()
    const ann = await app.person('annabella')
    const common = (
      'password password1 12345678 123456789 1234567890 qwertyuiop iloveyou1 princess1 football1 ' +
      'sunshine1 baseball1 welcome1 superman1 trustno1 whatever1 1q2w3e4r 1qaz2wsx qwerty123 abcd1234 letmein1'
    ).split(' ')
    const words = [...common, 'Atrium rules', 'annabella1', 'annabella@example.com', 'ANNABELLA123']
    await app.visitor().post('/auth/password-reset', { email: 'annabella@example.com' })
    const token = (await app.mails('annabella@example.com')).at(-1)?.links[0]?.split('token=')[1]
    for (const word of words) {
      const answers = [
        await app.visitor().post('/auth/register', {
          username: 'annabella',
          email: 'annabella@example.com',
          password: word,
        }),
        await change(ann, password, word),
        await app.visitor().post('/auth/password-reset/complete', { token, password: word }),
      ]
      for (const { status, json } of answers) {
        expect([word, status, json.errors?.[0]?.code]).toEqual([
          word,
          422,
          expect.stringMatching(/^password_(breached|contains_context)$/),
        ])
      }
      await expect(app.services.administration.setPassword('annabella', word)).rejects.toMatchObject({
        code: 'validation_failed',
      })
    }
  })

  it('A05 classes and strict ask for more', async () => {
    app = await createTestApp({ PASSWORD_POLICY: 'classes' })
    expect((await register('ann', 'lower case only 1')).json.errors).toEqual([
      expect.objectContaining({ code: 'password_classes', message: 'Password must contain an uppercase letter' }),
    ])
    expect((await register('ann', 'Upper And lower 1')).status).toBe(201)
    await app.drop()
    app = await createTestApp({ PASSWORD_POLICY: 'strict' })
    expect((await register('ann', 'fourteen signs')).json.errors[0].code).toBe('password_too_short')
    expect((await register('ann', 'fifteen signs..')).status).toBe(201)
  })
})
