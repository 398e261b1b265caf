import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
beforeEach(async () => {
  app = await createTestApp()
  ann = await app.person('ann')
  await prove(ann)
})
afterEach(() => app.drop())

const prove = (someone: Visitor) =>
  app.database.unitOfWork(({ tx }) =>
    tx.updateTable('users').set({ email_verified: 1 }).where('id', '=', someone.userId).execute(),
  )
const outcome = ({ status, json }: Answer) => [status, json?.code ?? json?.status]
const ask = (email: string) => app.visitor().post('/auth/email-otp', { email })
const verify = (proof: object, browser = app.visitor()) => browser.post('/auth/email-otp/verify', proof)

async function mailed(): Promise<{ token: string; code: string }> {
  await ask('ann@example.com')
  const mail = (await app.mails('ann@example.com')).filter(({ template }) => template === 'sign_in').at(-1)
  return { token: mail?.links[0]?.split('#token=')[1] ?? '', code: mail?.text.match(/^\d{8}$/m)?.[0] ?? '' }
}

it('signs in by the link or by the code, once', async () => {
  const byLink = await mailed()
  expect(outcome(await verify({ token: byLink.token }))).toEqual([200, 'complete'])
  expect(outcome(await verify({ token: byLink.token }))).toEqual([400, 'link_invalid'])
  const byCode = await mailed()
  const browser = app.visitor()
  expect(outcome(await verify({ email: 'Ann@Example.com', code: byCode.code }, browser))).toEqual([200, 'complete'])
  expect((await browser.get('/users/me')).json.username).toBe('ann')
  expect((await verify({ email: 'ann@example.com', code: byCode.code })).status).not.toBe(200)
})

it('M24: 20 uses side by side open one session', async () => {
  const { token } = await mailed()
  const answers = await Promise.all(Array.from({ length: 20 }, () => verify({ token })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  const again = await mailed()
  const codes = await Promise.all(
    Array.from({ length: 20 }, () => verify({ email: 'ann@example.com', code: again.code })),
  )
  expect(codes.filter(({ status }) => status === 200)).toHaveLength(1)
})

it('only the newest mail counts, for ten minutes', async () => {
  const old = await mailed()
  const newest = await mailed()
  expect(outcome(await verify({ token: old.token }))).toEqual([400, 'link_invalid'])
  app.advance(601)
  expect(outcome(await verify({ token: newest.token }))).toEqual([400, 'link_invalid'])
  expect((await verify({ email: 'ann@example.com', code: newest.code })).status).not.toBe(200)
})

it('a code has five tries', async () => {
  const { code } = await mailed()
  const wrong = code === '00000000' ? '11111111' : '00000000'
  const left: number[] = []
  for (let i = 0; i < 5; i++) {
    left.push((await verify({ email: 'ann@example.com', code: wrong })).json.remaining_attempts)
  }
  expect(left).toEqual([4, 3, 2, 1, 0])
  expect(outcome(await verify({ email: 'ann@example.com', code }))).toEqual([429, 'too_many_attempts'])
})

it('AU8: every address gets the same answer; only proved ones get a mail, three an hour at most', async () => {
  await app.drop()
  app = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
  await prove(await app.person('ann'))
  await app.person('eve')
  const answers: Answer[] = []
  for (let i = 0; i < 4; i++) {
    for (const email of ['ann@example.com', 'eve@example.com', 'nobody@example.com']) answers.push(await ask(email))
  }
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(202)
  const mails = (await app.mails()).filter(({ template }) => template === 'sign_in')
  expect(mails.map(({ to }) => to)).toEqual(Array(3).fill('ann@example.com'))
})

it('a mail to an address the account gave up opens nothing', async () => {
  const { token, code } = await mailed()
  await app.database.unitOfWork(({ tx }) =>
    tx
      .updateTable('users')
      .set({ email: 'new@example.com', email_key: 'new@example.com' })
      .where('id', '=', ann.userId)
      .execute(),
  )
  expect(outcome(await verify({ token }))).toEqual([400, 'link_invalid'])
  expect((await verify({ email: 'ann@example.com', code })).status).not.toBe(200)
})
