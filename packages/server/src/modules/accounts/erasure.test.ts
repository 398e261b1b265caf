import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { type Marks, ok, type UsedAccount, useEverything } from '../../../test/used-account.ts'
import { listTables } from '../../../test/whole-database.ts'

const log = collectLog()
let app: TestApp
let root: Visitor
let ben: Visitor
beforeAll(async () => {
  const settings = { TRUSTED_PROXIES: '127.0.0.1', OAUTH_DEV_ENABLED: 'true', METRICS_TOKEN: '' }
  app = await createTestApp(settings, { log: log.logger })
  root = await app.holderOf(['admin'], 'root-who-stays')
  ben = await app.person('ben-who-stays')
})
afterAll(() => app.drop())

const day = 86_400
const everyRow = async (): Promise<Record<string, string>> => {
  const { db } = app.database
  const found: Record<string, string> = {}
  for (const table of await listTables(app.database)) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db)
    found[table] = rows
      .map((row) =>
        Object.values(row)
          .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(JSON.stringify(value))))
          .join(),
      )
      .join('\n')
  }
  return found
}

const everyFile = (): Record<string, string> => {
  const entries = readdirSync(app.config.dataDir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, 'latin1')]))
}

const foundIn = (marks: Marks, texts: Record<string, string>) =>
  Object.entries(texts).flatMap(([where, text]) => marks.in(text).map((what) => `${where}: ${what}`))

const rootAgain = async (): Promise<Visitor> => {
  const again = app.visitor()
  await ok(again.post('/auth/login', { identifier: root.username, password }))
  return again
}

describe('an account that used everything is erased', () => {
  let gone: UsedAccount

  it('W09 DP2: nothing of the person is left in any row, in any file, the free pages of a database among them, or in what is logged', {
    timeout: 120_000,
  }, async () => {
    gone = await useEverything(app, ben)
    const { who, marks, kept } = gone
    const seen = foundIn(marks, {
      rows: Object.values(await everyRow()).join(),
      files: Object.values(everyFile()).join(),
    })
    // What is kept sealed or hashed only is nowhere to be seen before either.
    const unseen = [...marks.values.keys()].filter((what) => !seen.some((each) => each.endsWith(`: ${what}`)))
    expect(unseen.sort()).toEqual(['picture name', 'repeated', 'seed', 'wrong password'])
    await app.services.notificationDigest.run()
    await app.services.auditChain.seal()
    await ok(who.send('DELETE', '/users/me', { password, confirm: 'DELETE' }))
    app.advance(14 * day + 3_600)
    const from = log.lines.length
    expect(await app.services.erasure.eraseDue()).toBe(1)
    app.advance(3_600)
    // As the jobs do within the hour.
    await app.services.oneTime.purge()
    await app.services.messaging.departures.purge()
    await app.services.files.sweep()
    await app.services.fileRemovals.settled()
    expect(await app.services.erasure.eraseDue()).toBe(0)
    const rows = await everyRow()
    expect(foundIn(marks, rows)).toEqual([])
    expect(foundIn(marks, everyFile())).toEqual([])
    expect(foundIn(marks, { log: log.lines.slice(from).join() })).toEqual([])
    // A line of each request tells where it came from; of names and words there was never one.
    expect(foundIn(marks, { log: log.lines.join() })).toEqual(['log: ip', 'log: agent'])
    expect(foundIn(kept, { rows: Object.values(rows).join() })).toEqual(
      ['title', 'text', 'edited', 'attachment'].map((what) => `rows: ${what}`),
    )
  })

  it('W09: a receipt tells what went, and is sealed by the log of events, which still proves itself', async () => {
    const { who, marks } = gone
    await app.services.auditChain.seal()
    const admin = await rootAgain()
    const receipt = (await ok(admin.get(`/admin/erasures/${who.userId}`))).json
    expect(receipt).toMatchObject({
      user_id: who.userId,
      by: 'person',
      is_valid: true,
      kept: ['messages', 'audit_events'],
    })
    expect(receipt.removed).toMatchObject({ totp_credentials: 1, passkeys: 1, identities: 1, places: 1, user_roles: 1 })
    expect(receipt.removed.files).toBeGreaterThanOrEqual(2)
    expect(receipt.changed.users).toBeGreaterThan(0)
    expect(createHash('sha256').update(receipt.document).digest('hex')).toBe(receipt.sha256)
    expect(marks.in(receipt.document)).toEqual([])
    const event = await app.database.db
      .selectFrom('audit_events')
      .selectAll()
      .where('id', '=', receipt.event_id)
      .executeTakeFirstOrThrow()
    expect([event.type, JSON.parse(event.detail), event.ip]).toEqual([
      'user_deleted',
      { receipt: receipt.sha256 },
      null,
    ])
    expect(receipt.position).toBeGreaterThan(0)
    const verified = await ok(admin.post('/admin/audit/verify'))
    expect(verified.json).toMatchObject({ ok: true, first_bad: null })

    // Somebody makes it look better than it was.
    const document = receipt.document.replace('"passkeys":1', '"passkeys":9')
    for (const change of [
      { receipt: document },
      { receipt: document, sha256: createHash('sha256').update(document).digest('hex') },
    ]) {
      await app.database.unitOfWork(({ tx }) =>
        tx.updateTable('erasures').set(change).where('user_id', '=', who.userId).execute(),
      )
      expect((await admin.get(`/admin/erasures/${who.userId}`)).json.is_valid).toBe(false)
    }
  })

  it('W09: an administrator who erases an account is told where the receipt is', async () => {
    const admin = await rootAgain()
    const other = await app.person()
    const answer = await admin.delete(`/admin/users/${other.userId}?mode=erase`)
    const address = /^<(.+)>; rel="describedby"$/.exec(String(answer.headers.link))?.[1] ?? ''
    expect((await admin.get(address)).json).toMatchObject({
      user_id: other.userId,
      by: 'administrator',
      is_valid: true,
    })
    expect((await ben.get(address)).status).toBe(401)
    expect((await admin.get(`/admin/erasures/${ben.userId}`)).status).toBe(404)
  })
})
