import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silent } from '../../../test/databases.ts'
import { actorOf, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import { DigestService } from './digest.service.ts'
import type { NotificationType } from './index.ts'
import { keptPerPerson } from './purge.ts'

const hour = 3_600

let app: TestApp
let bob: Visitor
beforeAll(async () => {
  app = await createTestApp()
  bob = await app.person('digest-bob')
})
afterAll(() => app.drop())

/** Sessions end long before what is waited for here. */
const choose = (who: Visitor, preferences: object) =>
  app.services.notificationPreferences.replace(actorOf(who), preferences)
const listOf = (who: Visitor, limit = 20) => app.services.notifications.list(actorOf(who), { limit })

/** Somebody whose address is proved. */
async function reader(preferences?: object): Promise<Visitor> {
  const someone = await app.person()
  await app.database.unitOfWork(({ tx }) =>
    tx.updateTable('users').set({ email_verified: 1 }).where('id', '=', someone.userId).execute(),
  )
  if (preferences) await choose(someone, preferences)
  return someone
}

const tell = (to: Visitor, times = 1, type: NotificationType = 'message_mention', quiet = false) =>
  app.database.unitOfWork(async (uow) => {
    const drafts = Array.from({ length: times }, () => ({
      ...{ userId: to.userId, type, actorId: bob.userId, data: {}, quiet },
      target: { type: 'message', id: newId(), url: '/' },
    }))
    await uow.append(await app.services.notifications.notify(uow, drafts))
  })
const run = () => app.services.notificationDigest.run()
const mailsTo = async ({ username }: Visitor) =>
  (await app.mails(`${username}@example.com`)).filter(({ template }) => template === 'notification_digest')

/** Another process, or one that knows who is there. */
const another = (online: readonly string[] = []) => {
  const { mails } = app.services
  const { publicUrl } = app.config
  const isOnline = async () => new Set(online)
  return new DigestService({
    ...{ database: app.database, mails, isOnline, mailsUnverified: false, publicUrl, now: app.now, log: silent },
  })
}

describe('N01: what is unread is mailed', () => {
  it('N01: once, after a while, all of it in one mail, in the language of the account', async () => {
    const ann = await reader()
    await ann.patch('/users/me', { locale: 'de', display_name: 'Ann A.' })
    await tell(ann)
    await tell(ann, 12, 'friend_request')
    await run()
    expect(await mailsTo(ann)).toEqual([])
    app.advance(601)
    await run()
    const [mail, ...more] = await mailsTo(ann)
    expect(more).toEqual([])
    expect(mail?.subject).toBe('Es gibt etwas für Sie zu lesen (13)')
    expect(mail?.text).toMatch(/^Guten Tag Ann A\.,/)
    expect(mail?.text).toContain('- digest-bob möchte mit Ihnen befreundet sein\n')
    expect(mail?.text).toContain('- … +3\n')
    expect(mail?.links).toEqual(['http://localhost:8000/notifications', 'http://localhost:8000/account/notifications'])
    app.advance(2 * hour)
    await run()
    expect(await mailsTo(ann)).toHaveLength(1)
  })

  it('N01: nothing of what was read, removed, or is quiet', async () => {
    const [ann, eva, max] = [await reader(), await reader(), await reader()]
    await tell(ann)
    await tell(eva, 2)
    await tell(max, 1, 'message_mention', true)
    await ann.post('/notifications/mark-as-read')
    const [first] = (await eva.get('/notifications')).json.data
    await eva.delete(`/notifications/${first.id}`)
    app.advance(601)
    await run()
    expect(await mailsTo(ann)).toEqual([])
    expect((await mailsTo(eva)).map(({ subject }) => subject)).toEqual(['You have something to read (1)'])
    expect(await mailsTo(max)).toEqual([])
  })

  it('N01: at most once an hour, or a day, or never, and not what was turned off meanwhile', async () => {
    const [hourly, daily, off] = [await reader(), await reader({ digest: 'daily' }), await reader({ digest: 'off' })]
    const everyone = [hourly, daily, off]
    const round = async (seconds: number) => {
      for (const one of everyone) await tell(one)
      app.advance(seconds)
      await run()
      return Promise.all(everyone.map(async (one) => (await mailsTo(one)).length))
    }
    expect(await round(601)).toEqual([1, 1, 0])
    expect(await round(601)).toEqual([1, 1, 0])
    expect(await round(hour)).toEqual([2, 1, 0])
    expect(await round(24 * hour)).toEqual([3, 2, 0])
    expect((await mailsTo(daily)).map(({ subject }) => subject)).toContain('You have something to read (3)')
    for (const one of everyone) await tell(one)
    await choose(hourly, { message_mention: { email: false } })
    await choose(daily, { digest: 'off' })
    app.advance(30 * hour)
    await run()
    expect([(await mailsTo(hourly)).length, (await mailsTo(daily)).length]).toEqual([3, 2])
  })

  it('N01: not to who is there; once they have gone without reading', async () => {
    const [ann, eva] = [await reader(), await reader()]
    for (const one of [ann, eva]) await tell(one)
    app.advance(601)
    expect(await another([ann.userId]).run()).toBe(1)
    expect([(await mailsTo(ann)).length, (await mailsTo(eva)).length]).toEqual([0, 1])
    await run()
    expect(await mailsTo(ann)).toEqual([])
    app.advance(601)
    await run()
    expect(await mailsTo(ann)).toHaveLength(1)
  })

  it('N02: not in quiet hours, but after them', async () => {
    const ann = await reader()
    const minutes = (time: Date) => time.toISOString().slice(11, 16)
    const start = minutes(app.now())
    const end = minutes(new Date(app.now().getTime() + 3 * hour * 1000))
    await choose(ann, { quiet_hours: { start, end, time_zone: 'UTC' } })
    await tell(ann)
    app.advance(hour)
    await run()
    expect(await mailsTo(ann)).toEqual([])
    app.advance(2 * hour)
    await run()
    expect(await mailsTo(ann)).toHaveLength(1)
  })

  it('not to an address that nobody proved, nor to who is shut out', async () => {
    const [ann, eva] = [await app.person(), await reader()]
    for (const one of [ann, eva]) await tell(one)
    await app.services.administration.setStatus(eva.username, 'suspended')
    app.advance(601)
    await run()
    for (const one of [ann, eva]) expect(await mailsTo(one)).toEqual([])
  })

  it('N01: twenty processes at once write one mail to each', async () => {
    const readers = [await reader(), await reader(), await reader()]
    for (const round of [1, 2]) {
      for (const one of readers) await tell(one, 5)
      app.advance(hour + 1)
      const written = await Promise.all(Array.from({ length: 20 }, () => another().run()))
      expect(written.reduce((sum, count) => sum + count, 0)).toBe(readers.length)
      for (const one of readers) expect(await mailsTo(one)).toHaveLength(round)
    }
  })

  it('N01: reading and mailing at once: each is read or mailed, never mailed twice', async () => {
    const ann = await reader()
    await tell(ann, 30)
    app.advance(hour)
    await Promise.all([another().run(), ann.post('/notifications/mark-as-read'), another().run()])
    const { db } = app.database
    const rows = await db.selectFrom('notifications').selectAll().where('user_id', '=', ann.userId).execute()
    expect(rows.filter(({ mail_due_at, unread }) => mail_due_at !== null || unread === 1)).toEqual([])
    const mailed = rows.filter(({ mailed_at }) => mailed_at !== null).length
    expect((await mailsTo(ann)).map(({ subject }) => subject)).toEqual(
      mailed === 0 ? [] : [`You have something to read (${mailed})`],
    )
  })

  it('F29: what cannot be written for one person does not keep it from the others', async () => {
    const [ann, eva] = [await reader(), await reader()]
    for (const one of [ann, eva]) await tell(one)
    app.advance(601)
    const { mails } = app.services
    const enqueue: typeof mails.enqueue = async (uow, mail) => {
      if (mail.userId === ann.userId) throw new Error('words are missing')
      return mails.enqueue(uow, mail)
    }
    const service = new DigestService({
      ...{ database: app.database, mails: Object.assign(Object.create(mails), { enqueue }), log: silent },
      ...{
        isOnline: async () => new Set<string>(),
        mailsUnverified: false,
        publicUrl: app.config.publicUrl,
        now: app.now,
      },
    })
    expect(await service.run()).toBe(1)
    expect([(await mailsTo(ann)).length, (await mailsTo(eva)).length]).toEqual([0, 1])
    app.advance(hour + 1)
    await run()
    expect(await mailsTo(ann)).toHaveLength(1)
  })
})

describe('F35: what goes by itself', () => {
  it('F35: what was read 90 days ago, and what is beyond a thousand', async () => {
    const [ann, eva] = [await app.person(), await app.person()]
    await tell(ann, 3)
    const [kept, read] = (await listOf(ann)).data
    await ann.post('/notifications/mark-as-read', { notification_ids: [read?.id] })
    for (let round = 0; round < 16; round++) await tell(eva, 100)
    const [newest] = (await listOf(eva, 1)).data
    app.advance(89 * 24 * hour)
    expect(await app.services.purgeNotifications()).toBeGreaterThanOrEqual(1_600 - keptPerPerson)
    expect(await listOf(eva, 1)).toMatchObject({ data: [newest], unread_count: keptPerPerson })
    expect((await listOf(ann)).data).toHaveLength(3)
    app.advance(2 * 24 * hour)
    await app.services.purgeNotifications()
    const left = (await listOf(ann)).data.map(({ id }) => id)
    expect(left).toContain(kept?.id)
    expect(left).toHaveLength(2)
  })
})
