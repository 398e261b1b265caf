import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, leave, pathOf, signInWithDev } from '../../../test/dev-sign-in.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

const mailsTo = async (app: TestApp, address: string) => {
  const mails = (await app.visitor().get('/dev/mailbox', { accept: 'application/json' })).json.data
  return mails.filter(({ to }: { to: string }) => to.includes(address)).reverse()
}
const tokenIn = (mail: { links: string[] }) => new URL(mail.links[0] ?? '').hash.replace('#token=', '')
const notProved = '/sign-in?error=email_not_verified'
const unproved = { unverified_email: true }

describe('where addresses may be proved later', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'optional' })
  })
  afterAll(() => app.drop())

  it('a newcomer is signed in, and mailed a link where the provider proved nothing', async () => {
    const visitor = app.visitor()
    await signInWithDev(visitor, { email: 'later@example.com', ...unproved })
    const [mail, ...others] = await mailsTo(app, 'later@example.com')
    expect(others).toEqual([])
    expect((await visitor.get('/users/me')).json.email_verified).toBe(false)
    await visitor.get('/auth/csrf')
    expect((await visitor.post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(200)
    expect((await visitor.get('/users/me')).json.email_verified).toBe(true)
  })

  it('a newcomer whose address is proved, or who has none, is mailed nothing', async () => {
    await signInWithDev(app.visitor(), { email: 'proved@example.com' })
    await signInWithDev(app.visitor(), { name: 'None', email: 'none@example.com', no_email: true })
    expect(await mailsTo(app, 'proved@example.com')).toEqual([])
    expect(await mailsTo(app, '.invalid')).toEqual([])
  })
})

describe('where addresses must be proved first', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'required' })
  })
  afterAll(() => app.drop())

  const owner = async (name: string): Promise<Visitor> => {
    const visitor = app.visitor()
    await visitor.post('/auth/register', { username: name, email: `${name}@example.com`, password })
    const [mail] = await mailsTo(app, `${name}@example.com`)
    await visitor.post('/auth/verify-email', { token: tokenIn(mail) })
    await visitor.post('/auth/login', { identifier: name, password })
    return visitor
  }
  const shape = ({ status, headers }: Answer) => ({
    status,
    location: headers.location,
    cookies: [headers['set-cookie'] ?? []]
      .flat()
      .map((cookie) => String(cookie).replace(/=[\w-]{43};/, '=…;'))
      .sort(),
  })

  it('AU7 a stranger is told the same of a free and of a used address', async () => {
    await owner('taken')
    const free = await signInWithDev(app.visitor(), { name: 'A', email: 'free@example.com', ...unproved })
    const used = await signInWithDev(app.visitor(), { name: 'B', email: 'taken@example.com', ...unproved })
    expect(shape(free)).toEqual({
      status: 302,
      location: notProved,
      cookies: ['registration=…; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax'],
    })
    expect(shape(used)).toEqual(shape(free))
    const subjects = async (address: string) =>
      (await mailsTo(app, address)).map(({ subject }: { subject: string }) => subject)
    expect(await subjects('free@example.com')).toHaveLength(1)
    expect(await subjects('taken@example.com')).toHaveLength(2)
    const rows = await app.database.db
      .selectFrom('identities')
      .select('email')
      .where('email', '=', 'taken@example.com')
      .execute()
    expect(rows).toEqual([])
  })

  it('a newcomer proves the address in the browser it was begun in, and is let in then', async () => {
    const visitor = app.visitor()
    await signInWithDev(visitor, { name: 'New One', email: 'new@example.com', ...unproved })
    const [mail] = await mailsTo(app, 'new@example.com')
    const again = await signInWithDev(app.visitor(), { email: 'new@example.com', ...unproved })
    expect(again.headers.location).toBe(notProved)
    expect((await app.visitor().post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(400)
    expect((await visitor.post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(200)
    expect((await signInWithDev(visitor, { email: 'new@example.com', ...unproved })).headers.location).toBe('/')
    expect((await visitor.get('/users/me')).json).toMatchObject({ username: 'New.One', email_verified: true })
  })

  it('a proved address needs no mail', async () => {
    const visitor = app.visitor()
    expect((await signInWithDev(visitor, { email: 'sure@example.com' })).headers.location).toBe('/')
    expect(await mailsTo(app, 'sure@example.com')).toEqual([])
  })

  it('M06 the owner gets what somebody registered and never proved', async () => {
    const squatter = app.visitor()
    await squatter.post('/auth/register', { username: 'squat', email: 'squat@example.com', password })
    const [mail] = await mailsTo(app, 'squat@example.com')
    const visitor = app.visitor()
    expect((await signInWithDev(visitor, { email: 'squat@example.com' })).headers.location).toBe('/')
    expect((await visitor.get('/users/me')).json).toMatchObject({ email_verified: true, has_password: false })
    expect((await squatter.post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(400)
    const login = await squatter.post('/auth/login', { identifier: 'squat', password })
    expect(login.json.code).not.toBe('complete')
    expect(login.status).not.toBe(200)
  })

  it('nobody is let in without an address', async () => {
    const answer = await signInWithDev(app.visitor(), { email: 'hidden@example.com', no_email: true })
    expect(answer.headers.location).toBe('/sign-in?error=email_missing')
  })

  it('one account comes of ten sign-ins at once', async () => {
    const visitor = app.visitor()
    await leave(visitor)
    const flights = await Promise.all(
      Array.from({ length: 10 }, async () =>
        pathOf(await approve(visitor, await leave(visitor), { name: 'Ten', email: 'ten@example.com', ...unproved })),
      ),
    )
    const answers = await Promise.all(flights.map((back) => visitor.copy().get(back)))
    expect(answers.map((answer) => answer.headers.location)).toEqual(flights.map(() => notProved))
    const { db } = app.database
    const users = await db.selectFrom('users').select('status').where('email_key', '=', 'ten@example.com').execute()
    expect(users).toEqual([{ status: 'pending' }])
  })
})
