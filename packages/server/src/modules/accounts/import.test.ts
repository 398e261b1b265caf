import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { ImportRemark } from './index.ts'

const word = 'Correct-Horse 7 ÅÄÖ'
const hash = 'pbkdf2:sha1:1000$a8Fk2LqP$32f6830427a974a65ca45ab5443578ad0457628b'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

/** Cut at odd places, in the middle of letters too. */
async function* pieces(content: string | Buffer, size = 7) {
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function importing(content: string | Buffer, options: { dryRun?: boolean } = {}) {
  const remarks: ImportRemark[] = []
  const file = pieces(content, content.length > 10_000 ? 4_099 : 7)
  const counts = await app.services.userImport.run(file, { ...options, onRemark: (remark) => remarks.push(remark) })
  return { counts, remarks, said: JSON.stringify(remarks) }
}
const json = (...rows: object[]) => JSON.stringify(rows)
const login = async (identifier: string, password: string) =>
  app.visitor().post('/auth/login', { identifier, password })
const find = (username: string) =>
  app.database.db.selectFrom('users').selectAll().where('username_key', '=', username).executeTakeFirst()
const rolesOf = async (username: string) => {
  const row = await find(username)
  const rows = await app.database.db
    .selectFrom('user_roles')
    .select('role')
    .where('user_id', '=', row?.id ?? '')
    .execute()
  return rows.map(({ role }) => role).sort()
}
/** Every row of every table that an import may write. */
const written = async () => {
  const tables = ['users', 'user_roles', 'streams', 'audit_events'] as const
  const counts: number[] = []
  for (const table of tables) {
    const { n } = await app.database.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as('n'))
      .executeTakeFirstOrThrow()
    counts.push(Number(n))
  }
  return counts
}

describe('W13: accounts move in', () => {
  it.each([
    [
      'CSV',
      'csv1',
      `\ufeffid,Username,E-Mail,passwordHash,emailVerified,Full Name,created,role,shoe size\r\n` +
        `1,csv1,csv1@example.com,${hash},true,"Ann, ""the first""\r\nof Ångström",2021-03-04 05:06:07,user,38\r\n`,
    ],
    [
      'CSV with semicolons',
      'csv2',
      `login;mail;hashed_password;verified;name;date_joined;roles\n` +
        `csv2;csv2@example.com;${hash};1;"Ann, ""the first""\r\nof Ångström";2021-03-04T06:06:07+01:00;user\n`,
    ],
    [
      'a JSON array',
      'arr1',
      JSON.stringify(
        [
          {
            id: 5,
            user_name: 'arr1',
            emailAddress: 'arr1@example.com',
            password_hash: hash,
            is_verified: true,
            display_name: 'Ann, "the first"\r\nof Ångström',
            created_at: 1614834367,
            roles: ['user'],
            nested: { list: [{ a: '}]{["' }] },
          },
        ],
        null,
        2,
      ),
    ],
    [
      'lines of JSON',
      'line1',
      `${JSON.stringify({
        user: 'line1',
        email: 'line1@example.com',
        password: hash,
        verified: 'yes',
        name: 'Ann, "the first"\r\nof Ångström',
        created_at: '2021-03-04T05:06:07Z',
      })}\n`,
    ],
  ])('from %s, and sign in with the password they had', async (_form, username, content) => {
    expect(await importing(content)).toMatchObject({ counts: { created: 1, existing: 0, failed: 0 }, remarks: [] })
    expect(await find(username)).toMatchObject({
      username,
      email: `${username}@example.com`,
      email_verified: 1,
      status: 'active',
      display_name: 'Ann, "the first"\r\nof Ångström',
      created_at: '2021-03-04T05:06:07.000Z',
      last_login_at: null,
      password_hash: hash,
    })
    expect(await rolesOf(username)).toEqual(['user'])
    expect((await login(username, 'a wrong guess')).status).toBe(401)
    expect((await login(username, word)).status).toBe(200)
    expect((await find(username))?.password_hash).toMatch(/^\$argon2id\$/)
    expect((await login(`${username}@example.com`, word)).status).toBe(200)
  })

  it('a thousand rows; the same file again changes nothing', async () => {
    const rows = Array.from({ length: 1_000 }, (_, n) => `many${n},many${n}@example.com,${hash}`)
    const file = `username,email,password_hash\n${rows.join('\n')}\n`
    expect((await importing(file)).counts).toEqual({ created: 1_000, existing: 0, failed: 0 })
    expect((await login('many999', word)).status).toBe(200)
    const renewed = (await find('many999'))?.password_hash

    const before = await written()
    const again = await importing(file)
    expect(again.counts).toEqual({ created: 0, existing: 1_000, failed: 0 })
    expect(again.remarks.map(({ row }) => row)).toEqual(rows.map((_, n) => n + 2))
    expect(again.remarks[0]).toEqual({ row: 2, status: 'existing', problems: [] })
    // One line in the audit log, and nobody has the old password back.
    expect(await written()).toEqual([before[0], before[1], before[2], (before[3] as number) + 1])
    expect((await find('many999'))?.password_hash).toBe(renewed)
  }, 60_000)

  it('a dry run finds everything and writes nothing', async () => {
    const file = json(
      { username: 'rehearsed', email: 'rehearsed@example.com', password_hash: hash },
      { username: 'Rehearsed', email: 'REHEARSED@example.com' },
      { username: 'rehearsed', email: 'somebody.else@example.com' },
      { username: 'x', email: 'x' },
    )
    const before = await written()
    const dry = await importing(file, { dryRun: true })
    expect(await written()).toEqual(before)
    expect(dry.counts).toEqual({ created: 1, existing: 1, failed: 2 })
    expect(await importing(file)).toEqual(dry)
  })

  it('an account that is there is left alone, and its name and address are nobody else’s', async () => {
    const ann = await app.person('resident')
    const before = await find('resident')
    const { counts, remarks } = await importing(
      json(
        { username: 'RESIDENT', email: 'Resident@Example.com', password_hash: hash, roles: 'admin' },
        { username: 'resident', email: 'another@example.com' },
        { username: 'another', email: 'resident@EXAMPLE.com' },
        { username: 'resident', email: 'many1@example.com' },
        { username: 'many1', email: 'resident@example.com' },
      ),
    )
    expect(counts).toEqual({ created: 0, existing: 1, failed: 4 })
    expect(remarks.map(({ problems }) => problems.map(({ code }) => code))).toEqual([
      [],
      ['username_taken'],
      ['email_taken'],
      ['username_taken', 'email_taken'],
      ['username_taken', 'email_taken'],
    ])
    expect(await find('resident')).toEqual(before)
    expect(await rolesOf('resident')).toEqual(['user'])
    expect((await ann.get('/users/me')).status).toBe(200)
  })

  it('two imports of one file at once make each account once', async () => {
    const file = json(
      ...Array.from({ length: 150 }, (_, n) => ({ username: `twice${n}`, email: `twice${n}@example.com` })),
    )
    const [one, two] = await Promise.all([importing(file), importing(file)])
    expect([one.counts.failed, two.counts.failed]).toEqual([0, 0])
    expect(one.counts.created + two.counts.created).toBe(150)
    expect(one.counts.existing + two.counts.existing).toBe(150)
  })

  it('nobody is asked to wait for a name that a registration holds: the row fails, the others do not', async () => {
    const strict = await createTestApp({ EMAIL_VERIFICATION: 'required' })
    const registration = { username: 'waiting', email: 'waiting@example.com', password: 'a quiet harbour at dawn' }
    expect((await strict.visitor().post('/auth/register', registration)).status).toBe(202)
    const remarks: ImportRemark[] = []
    const file = json(
      { username: 'before', email: 'before@example.com' },
      { username: 'waiting', email: 'waiting@example.com', password_hash: hash },
      { username: 'after', email: 'after@example.com' },
    )
    const onRemark = (remark: ImportRemark) => remarks.push(remark)
    expect(await strict.services.userImport.run(pieces(file), { onRemark })).toEqual({
      created: 2,
      existing: 0,
      failed: 1,
    })
    expect(remarks).toMatchObject([{ row: 2, status: 'failed' }])
    await strict.drop()
  })

  it('D01: who came in is in the audit log, and that there was an import', async () => {
    const audited = async () =>
      app.database.db.selectFrom('audit_events').selectAll().where('type', '=', 'data_import').execute()
    const before = (await audited()).length
    await importing(
      json({ username: 'keeper', email: 'keeper@example.com', roles: 'user|moderator' }, { username: 'y', email: 'y' }),
    )
    const row = await find('keeper')
    const about = await app.database.db
      .selectFrom('audit_events')
      .select(['type', 'detail'])
      .where('user_id', '=', row?.id ?? '')
      .orderBy('id')
      .execute()
    expect(about.map(({ type, detail }) => [type, JSON.parse(detail)])).toEqual([
      ['user_created', { by: 'import' }],
      ['role_assigned', { roles: ['user', 'moderator'] }],
    ])
    const runs = await audited()
    expect(runs).toHaveLength(before + 1)
    expect(JSON.parse(runs.at(-1)?.detail ?? '')).toEqual({ what: 'users', created: 1, existing: 0, failed: 1 })
  })
})
