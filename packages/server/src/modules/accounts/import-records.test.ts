import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { ImportRemark } from './index.ts'

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
const accounts = async () => {
  const { n } = await app.database.db
    .selectFrom('users')
    .select(({ fn }) => fn.countAll().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}

describe('what a row may say', () => {
  let n = 0
  const one = async (values: object) => {
    const username = `row${++n}`
    const { counts, remarks, said } = await importing(json({ username, email: `${username}@example.com`, ...values }))
    return { username, counts, problems: remarks.flatMap(({ problems }) => problems), said }
  }

  it.each([
    [{ username: 'ab' }, 'username_length'],
    [{ username: 'with space' }, 'username_characters'],
    [{ username: 'аdmin' }, 'username_characters'],
    [{ username: 'Support' }, 'username_reserved'],
    [{ username: 5 }, 'username_length'],
    [{ username: null }, 'username_length'],
    [{ username: { $ne: null } }, 'username_length'],
    [{ email: 'no address' }, 'email_invalid'],
    [{ email: 'a@b.example\r\nBcc: c@d.example' }, 'email_invalid'],
    [{ password_hash: 'hunter2hunter2' }, 'unknown_hash'],
    [{ password_hash: 'pbkdf2:sha256:99999999$salt$00' }, 'unknown_hash'],
    [{ password_hash: '$2b$31$abcdefghijklmnopqrstuuOGhyWzwVzczrQruti9u8Ycj7EuFbOzC' }, 'unknown_hash'],
    [{ email_verified: 'perhaps' }, 'invalid_flag'],
    [{ email_verified: 2 }, 'invalid_flag'],
    [{ display_name: 'x'.repeat(81) }, 'too_long'],
    [{ display_name: ['Ann'] }, 'invalid_text'],
    [{ display_name: 'a\u0000b' }, 'invalid_text'],
    [{ display_name: '\ud800' }, 'invalid_text'],
    [{ created_at: 'yesterday' }, 'invalid_time'],
    [{ created_at: '2999-01-01' }, 'invalid_time'],
    [{ created_at: '1969-12-31' }, 'invalid_time'],
    [{ created_at: '2021-13-01' }, 'invalid_time'],
    [{ created_at: '04/03/2021' }, 'invalid_time'],
    [{ roles: 'user,king' }, 'unknown_role'],
    [{ roles: 'guest' }, 'unknown_role'],
    [{ roles: ['__proto__'] }, 'unknown_role'],
    [{ roles: { admin: true } }, 'unknown_role'],
  ])('%j is refused as %s, without being repeated', async (values, code) => {
    const { username, counts, problems, said } = await one(values)
    expect(counts).toEqual({ created: 0, existing: 0, failed: 1 })
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(said).not.toMatch(/hunter2|\$2b\$|Bcc|yesterday|king/)
    expect(await find(username)).toBeUndefined()
  })

  it.each([
    [{}, { email_verified: 0, display_name: null, password_hash: null }, ['user']],
    [{ email_verified: 'T', display_name: ' Ann ' }, { email_verified: 1, display_name: 'Ann' }, ['user']],
    [{ email_verified: '0', password_hash: null, roles: '' }, { email_verified: 0, password_hash: null }, ['user']],
    [
      { password_hash: 'NULL', display_name: 'NULL', created_at: '' },
      { password_hash: null, display_name: null },
      ['user'],
    ],
    [{ created_at: '2020-02-29' }, { created_at: '2020-02-29T00:00:00.000Z' }, ['user']],
    [{ created_at: '2020-02-29 10:20:30.123456+00' }, { created_at: '2020-02-29T10:20:30.123Z' }, ['user']],
    [{ created_at: '2020-02-29T10:20:30-0530' }, { created_at: '2020-02-29T15:50:30.000Z' }, ['user']],
    [{ created_at: 1582971630.5 }, { created_at: '2020-02-29T10:20:30.500Z' }, ['user']],
    [{ roles: 'user; moderator' }, {}, ['moderator', 'user']],
    [{ roles: ['admin', 'user', 'user'] }, {}, ['admin', 'user']],
  ])('%j is taken', async (values, stored, roles) => {
    const { username, counts, said } = await one(values)
    expect([counts, said]).toEqual([{ created: 1, existing: 0, failed: 0 }, '[]'])
    expect(await find(username)).toMatchObject(stored)
    expect(await rolesOf(username)).toEqual(roles)
  })

  it('an own name goes before what the column is called elsewhere; two others leave it open', async () => {
    expect(await one({ password: 'hunter2hunter2', password_hash: hash })).toMatchObject({ counts: { created: 1 } })
    expect((await one({ password: hash, hashed_password: hash })).problems).toMatchObject([{ code: 'unreadable' }])
  })
})

describe('files that are broken', () => {
  it('a broken row of CSV costs nobody else their place', async () => {
    const file = `username,email,display_name
good1,good1@example.com,One
short,short@example.com
long,long@example.com,Long,more

"odd"name,odd@example.com,Odd
good2,good2@example.com,"Two"
`
    const { counts, remarks } = await importing(file)
    expect(counts).toEqual({ created: 2, existing: 0, failed: 3 })
    expect(remarks.map(({ row, problems }) => [row, problems[0]?.code])).toEqual([
      [3, 'unreadable'],
      [4, 'unreadable'],
      [5, 'username_characters'],
    ])
    expect(await find('good2')).toMatchObject({ display_name: 'Two' })
  })

  it('a broken line of JSON costs nobody else their place', async () => {
    const file = `{"username":"json1","email":"json1@example.com"}
{"username":"json2,"email":"json2@example.com"}
{"username":'json3',"email":"json3@example.com"}
{"username":"json4","email":"json4@example.com","__proto__":{"roles":["admin"]},"constructor":{"roles":"admin"}}
{"username":"json5","email":"json5@example.com"`
    const { counts, remarks } = await importing(file)
    expect(counts).toEqual({ created: 2, existing: 0, failed: 3 })
    expect(remarks.map(({ row }) => row)).toEqual([2, 3, 5])
    expect(await rolesOf('json4')).toEqual(['user'])
  })

  it.each([
    ['nothing', ''],
    ['blanks', ' \n\n '],
    ['no header', 'ann,ann@example.com\n'],
    ['no addresses', 'username,password_hash\n'],
    ['two columns for one thing', 'login,nickname,email\na,b,c\n'],
    ['numbers', '[1,2,3]'],
    ['a list in a list of text', '["username"]'],
    ['Latin-1', Buffer.from('username,email\nångström,a@example.com\n', 'latin1')],
    ['UTF-16', Buffer.from('username,email\nann,a@example.com\n', 'utf16le')],
    ['the beginning of a picture', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['an endless object', `[{"username":"${'x'.repeat(70_000)}`],
    ['an endless row', `username,email\n"${'x'.repeat(70_000)}`],
    ['a quotation mark without an end', 'username,email\n"ann,a@example.com\nbob,b@example.com\n'],
    ['deep brackets', `[{"username":${'['.repeat(70_000)}`],
  ])('%s is refused as a whole', async (_what, content) => {
    const before = await accounts()
    await expect(importing(content)).rejects.toMatchObject({ code: 'import_unreadable' })
    expect(await accounts()).toEqual(before)
  })

  it('what came before the end of sense is there, and the next time it is skipped', async () => {
    const rows = Array.from({ length: 120 }, (_, n) =>
      JSON.stringify({ username: `cut${n}`, email: `cut${n}@example.com` }),
    )
    await expect(importing(`${rows.join('\n')}\nnonsense`)).rejects.toMatchObject({ code: 'import_unreadable' })
    expect((await importing(rows.join('\n'))).counts).toEqual({ created: 20, existing: 100, failed: 0 })
  })

  it('no more of a file is held than a few batches', async () => {
    let told = 0
    let ahead = 0
    const total = 6_000
    async function* endless() {
      yield Buffer.from('username,email\n')
      for (let row = 0; row < total; row += 20) {
        ahead = Math.max(ahead, row - told)
        yield Buffer.from(`x,not an address ${'y'.repeat(500)}\n`.repeat(20))
      }
    }
    const { failed } = await app.services.userImport.run(endless(), { onRemark: () => told++, dryRun: true })
    expect([failed, told]).toEqual([total, total])
    expect(ahead).toBeLessThan(1_500)
  })
})
