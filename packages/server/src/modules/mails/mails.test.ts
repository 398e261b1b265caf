import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Outbox } from '../../../test/outbox.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'

let app: TestApp
beforeEach(async () => {
  app = await createTestApp()
})
afterEach(() => app.drop())

const link = 'http://localhost:8000/verify-email#token=abc'
const enqueue = (to: string, locale = 'en', after?: () => Promise<void>) =>
  app.database.unitOfWork(async (uow) => {
    const data = { name: 'Ann', link, code: '01234567' }
    await app.services.mails.enqueue(uow, { to, template: 'verify_email', data, locale })
    await after?.()
  })

describe('the outbox', () => {
  it('keeps a mail in the transaction of what it tells of, in the nearest language', async () => {
    await enqueue('ann@example.com')
    await enqueue('bob@example.com', 'de-AT')
    const [first, second, ...more] = await app.mails()
    expect(more).toEqual([])
    expect(first).toMatchObject({ to: 'ann@example.com', template: 'verify_email', code: '01234567', links: [link] })
    expect(second?.subject).toBe('Bitte bestätigen Sie Ihre E-Mail-Adresse')
    expect(await app.mails('bob@example.com')).toEqual([second])
  })

  it('has nothing of a transaction that was rolled back', async () => {
    const broken = enqueue('ann@example.com', 'en', () => Promise.reject(new Error('changed my mind')))
    await expect(broken).rejects.toThrow('changed my mind')
    expect(await app.mails()).toEqual([])
  })

  it('forgets what was written to an account that is erased', async () => {
    const outbox = new Outbox(app)
    const [ann, bob] = [newId(), newId()]
    await outbox.write('ann@example.com', { userId: ann })
    await outbox.write('bob@example.com', { userId: bob })
    await outbox.run()
    await outbox.write('ann@example.com', { userId: ann })
    await app.database.unitOfWork(({ tx }) => app.services.mails.forget(tx, ann))
    expect((await outbox.rows()).map((row) => row.user_id)).toEqual([bob])
  })

  it('holds nothing readable but the address, and opens for that address only', async () => {
    await enqueue('ann@example.com')
    const [row] = await app.database.db.selectFrom('mails').selectAll().execute()
    expect(JSON.stringify(row)).not.toMatch(/Ann|token=|01234567/)
    await app.database.unitOfWork(({ tx }) =>
      tx.updateTable('mails').set({ to_address: 'mallory@example.com' }).execute(),
    )
    const [mail] = await app.mails()
    expect(mail).toMatchObject({ links: [], text: expect.stringContaining('cannot be shown') })
  })
})
