import { afterEach, expect, it, vi } from 'vitest'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { findUser, PasswordHasher } from '../accounts/index.ts'
import { Lockout } from '../lockout/index.ts'

let app: TestApp
let hasher: PasswordHasher
afterEach(async () => {
  vi.restoreAllMocks()
  await app.drop()
})

async function start(variables: Record<string, string> = {}): Promise<Visitor> {
  hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
  app = await createTestApp({ TRUSTED_PROXIES: '127.0.0.1', ...variables }, { hasher })
  return app.person('ann')
}

/** A stranger's browser, each at an address of its own where one is given. */
const tries = (identifier: string, word: string, ip = '203.0.113.7', browser: Visitor = app.visitor()) =>
  browser.post('/auth/login', { identifier, password: word }, { 'x-forwarded-for': ip })

const setStatus = (id: string, change: { status?: string; password_hash?: string | null }) =>
  app.database.unitOfWork(({ tx }) => tx.updateTable('users').set(change).where('id', '=', id).execute())

/** What an attacker can tell answers apart by; times and ids differ between any two. */
const visible = ({ status, json, headers }: Awaited<ReturnType<typeof tries>>) => {
  const { request_id: _r, locked_until, retry_after, ...body } = json
  const names = Object.keys(headers).sort()
  return { status, body, names, locked: typeof locked_until, after: typeof retry_after }
}

it('AU5 AU6 M01: a wrong password tells the same of every name, known or invented, and costs the same work', async () => {
  const ann = await start()
  const people = { active: ann, pending: await app.person(), suspended: await app.person(), oauth: await app.person() }
  await setStatus(people.pending.userId, { status: 'pending' })
  await setStatus(people.suspended.userId, { status: 'suspended' })
  await setStatus(people.oauth.userId, { password_hash: null })
  const names = [...Object.values(people).map((person) => person.username), 'nobody-by-that-name']

  for (let attempt = 1; attempt <= 7; attempt++) {
    const seen = []
    for (const name of names) {
      const before = hasher.computed
      const answer = await tries(name, 'a wrong guess', `203.0.113.${attempt}`)
      seen.push({ ...visible(answer), hashes: hasher.computed - before })
    }
    expect(seen[0]).toMatchObject({ status: attempt <= 5 ? 401 : 423, hashes: attempt <= 5 ? 1 : 0 })
    for (const other of seen) expect(other).toEqual(seen[0])
  }
})

it('AU5: the state of an account is told after its right password only', async () => {
  const ann = await start()
  for (const [status, code] of [
    ['pending', 'email_not_verified'],
    ['suspended', 'account_suspended'],
    ['deactivated', 'account_inactive'],
  ] as const) {
    await setStatus(ann.userId, { status })
    expect((await tries('ann', password)).json.code).toBe(code)
    expect((await tries('ann', 'a wrong guess')).json.code).toBe('invalid_credentials')
  }
})

it('AU6: a name that was guessed at is locked for strangers, not for the browser of its owner', async () => {
  const ann = await start()
  for (let i = 0; i < 5; i++) await tries('ann', 'a wrong guess')
  const locked = await tries('ann', password)
  expect([locked.status, locked.json.code]).toEqual([423, 'account_locked'])
  expect(Date.parse(locked.json.locked_until)).toBeGreaterThan(Date.now())
  expect(locked.headers['retry-after']).toBe(String(locked.json.retry_after))
  expect((await tries('ann@example.com', password, '203.0.113.9')).status).toBe(200)

  // The cookie that registering left behind is what makes the browser known.
  await ann.post('/auth/logout')
  expect((await tries('ann', 'a wrong guess', '198.51.100.1', ann)).status).toBe(401)
  expect((await tries('ann', password, '198.51.100.1', ann)).status).toBe(200)
})

it('AU6: a known browser has five tries of its own, and none for another person', async () => {
  const ann = await start()
  const bob = await app.person('bob')
  for (let i = 0; i < 5; i++) await tries('ann', 'a wrong guess')
  expect((await tries('ann', password, '203.0.113.8', bob)).status).toBe(423)
  const statuses: number[] = []
  for (let i = 0; i < 7; i++) statuses.push((await tries('ann', 'a wrong guess', '198.51.100.1', ann)).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 423, 423])
})

it('AU6: the owner is mailed once a lock, an invented name never', async () => {
  await start()
  for (const name of ['ann', 'nobody-by-that-name']) {
    for (let i = 0; i < 8; i++) await tries(name, 'a wrong guess')
  }
  const mails = await app.database.db.selectFrom('mails').select(['template', 'to_address']).execute()
  expect(mails.filter(({ template }) => template === 'account_locked')).toEqual([
    { template: 'account_locked', to_address: 'ann@example.com' },
  ])
  const events = await app.database.db.selectFrom('audit_events').select(['type', 'user_id', 'detail']).execute()
  expect(events.filter(({ type }) => type === 'account_locked')).toHaveLength(2)
  expect(JSON.stringify(events)).not.toContain('nobody-by-that-name')
})

it('M01: 1000 guesses from 50 networks check at most 100 passwords, and the owner gets in', async () => {
  const ann = await start()
  const before = hasher.computed
  for (let i = 0; i < 1000; i++) {
    const name = i % 2 === 0 ? 'ann' : 'ann@example.com'
    await tries(name, `guess number ${i}`, `203.0.113.${i % 50}`)
    // Someone patient waits for every lock to end.
    if (i % 10 === 9) app.advance(31 * 60)
  }
  expect(hasher.computed - before).toBeLessThanOrEqual(100)
  expect((await tries('ann', password, '198.51.100.1', ann)).status).toBe(200)
})

it('M01: guesses side by side do not slip through before the first is counted', async () => {
  await start()
  const before = hasher.computed
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => tries('ann', `guess ${i}`, `203.0.113.${i}`)))
  expect(hasher.computed - before).toBeLessThanOrEqual(5)
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5)
  expect(answers.every(({ status }) => status === 401 || status === 423)).toBe(true)
})

it('M01: the right password from 40 places at once is let in or told to wait, whatever clears the count meanwhile', async () => {
  await start()
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => tries('ann', password, `203.0.113.${i}`)))
  const statuses = new Set(answers.map(({ status }) => status))
  expect(statuses.has(200)).toBe(true)
  expect([...statuses].filter((status) => ![200, 423, 503].includes(status))).toEqual([])
})

/** So many people at the door that nobody else is let in; they go when the answer is called. */
function crowd(): () => Promise<void> {
  let isOver = false
  const comers = Array.from({ length: 100 }, async () => {
    while (!isOver) await hasher.hash('somebody else').catch(() => new Promise(setImmediate))
  })
  return async () => {
    isOver = true
    await Promise.all(comers)
  }
}

it.each([
  ['at the door', false],
  ['only after it was counted', true],
])(
  'AU6 AU16: a try that the server was too busy for, %s, is no try, of a name or of a known browser',
  async (_, isLate) => {
    const ann = await start()
    if (isLate) vi.spyOn(hasher, 'assertRoom').mockReturnValue()
    const visitor = app.visitor()
    for (let i = 0; i < 4; i++) expect((await tries('ann', 'a wrong guess')).status).toBe(401)
    for (let i = 0; i < 4; i++) await tries('ann', 'a wrong guess', '198.51.100.1', ann)

    const leave = crowd()
    const counted = vi.spyOn(Lockout.prototype, 'take')
    const busy: number[] = []
    for (let i = 0; i < 6; i++) {
      busy.push((await tries('ann', 'a wrong guess', `203.0.113.${i}`, visitor)).status)
      busy.push((await tries('ann', 'a wrong guess', `198.51.100.${i}`, ann)).status)
      busy.push((await ann.post('/auth/reauthenticate', { password })).status)
    }
    await leave()
    expect(busy).toEqual(Array(18).fill(503))
    // Each row that is written would be a commit, for somebody who is sent away.
    expect(counted.mock.calls.length).toBe(6 + (isLate ? 6 : 0))

    expect((await ann.post('/auth/reauthenticate', { password })).status).toBe(200)
    for (const browser of [visitor, ann]) {
      expect((await tries('ann', 'a wrong guess', '192.0.2.1', browser)).status).toBe(401)
      expect((await tries('ann', 'a wrong guess', '192.0.2.1', browser)).status).toBe(423)
    }
  },
)

it('M02: one password on many accounts is throttled by network, an IPv6 /64 being one', async () => {
  await start({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '10000' })
  const statuses: number[] = []
  for (let i = 0; i < 30; i++) statuses.push((await tries(`name-${i}`, 'Spring2026!!', `2001:db8:1:2::${i}`)).status)
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(10).fill(429)])
})

it('M03: what is no name and password is refused before any hash', async () => {
  await start()
  const before = hasher.computed
  const bodies = [
    { username: { $ne: null }, password: 'x' },
    { username: ['ann'], password: 'x' },
    { username: 5, password: 'x' },
    { username: 'ann', password: { $gt: '' } },
    { username: 'ann', password: 'x'.repeat(1024 * 1024 - 100) },
    { username: 'ann', email: 'ann@example.com', password },
    { username: 'ann', password, role: 'admin' },
  ]
  for (const body of bodies) expect([400, 413, 422]).toContain((await app.visitor().post('/auth/login', body)).status)
  expect(hasher.computed).toBe(before)
})

it('a success starts the count anew', async () => {
  await start()
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) expect((await tries('ann', 'a wrong guess')).status).toBe(401)
    expect((await tries('ann', password)).status).toBe(200)
  }
})

it('a lock ends by itself', async () => {
  await start({ ACCOUNT_LOCKOUT_DURATION_MINUTES: '2' })
  for (let i = 0; i < 6; i++) await tries('ann', 'a wrong guess')
  expect((await tries('ann', password)).status).toBe(423)
  app.advance(121)
  expect((await tries('ann', password)).status).toBe(200)
})

it('who asks not to be remembered leaves no known browser behind', async () => {
  await start()
  const guestDesk = app.visitor()
  await guestDesk.post('/auth/login', { identifier: 'ann', password, remember: false })
  expect([...guestDesk.cookies.keys()].sort()).toEqual(['access_token_cookie', 'refresh_token_cookie'])
})

it('AU9: a sign-in that checked the old password opens nothing once it was replaced', async () => {
  const ann = await start()
  const row = await findUser(app.database.db, ann.userId)
  if (!row) throw new Error('ann is missing')
  await app.services.administration.setPassword('ann', 'another quiet harbour')
  const proof = {
    userId: row.id,
    method: 'password',
    client: { ip: '127.0.0.1', userAgent: '' },
    options: {},
    deviceToken: undefined,
    passwordHash: row.password_hash,
  }
  await expect(app.services.signIn.complete(proof)).rejects.toMatchObject({ code: 'invalid_credentials' })
  await expect(app.services.signIn.start(row, proof)).rejects.toMatchObject({ code: 'invalid_credentials' })
})
