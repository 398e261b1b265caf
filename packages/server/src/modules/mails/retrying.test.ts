import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silent } from '../../../test/databases.ts'
import { MailServer } from '../../../test/mail-server.ts'
import { Outbox } from '../../../test/outbox.ts'
import { deriveKeys } from '../../platform/keys.ts'
import { SmtpTransport } from '../../platform/mail/smtp.ts'
import { MailEnvelope } from './mail-envelope.ts'
import type { MailTemplate } from './mail-templates.ts'
import { MailWorker } from './mail-worker.ts'
import { isGivenUp, retryDelay } from './retry-plan.ts'

let server: MailServer
let outbox: Outbox
beforeEach(async () => {
  server = await MailServer.start()
})
afterEach(async () => {
  await outbox.app.drop()
  await server.stop()
})

const start = async () => {
  outbox = await Outbox.start(Outbox.settings(server))
}

const transport = (answer: number) =>
  new SmtpTransport({
    server: { host: '127.0.0.1', port: server.port, tls: 'none', login: null },
    hostname: 'localhost',
    limits: { connect: 30_000, answer, whole: 90_000 },
  })
const otherWorker = (answer = 30_000) =>
  new MailWorker({
    database: outbox.app.database,
    transport: transport(answer),
    envelope: new MailEnvelope({
      sealingKey: deriveKeys(outbox.app.config.secrets.key).sealing,
      publicUrl: outbox.app.config.publicUrl,
    }),
    from: outbox.app.config.mail.from,
    keepsSent: false,
    now: outbox.app.now,
    log: silent,
  })

describe('when it fails', () => {
  it('waits 5 s, 10 s, 20 s … up to an hour, for a day, and is a dead letter then', async () => {
    const delays: number[] = []
    while (!isGivenUp(delays.length + 1)) delays.push(retryDelay(delays.length + 1))
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40])
    expect(Math.max(...delays)).toBe(3600)
    const total = delays.reduce((sum, seconds) => sum + seconds)
    expect([total >= 86_400, total < 86_400 + 3600]).toEqual([true, true])

    await start()
    server.judge = () => ({ at: 'DATA', code: 451 })
    await outbox.write('ann@example.com')
    const attempt = async () => {
      const from = outbox.app.now().getTime()
      await outbox.run()
      const [row] = await outbox.rows()
      const until = outbox.app.now().getTime()
      return { ...row, from, until, next: new Date(row?.next_attempt_at ?? '').getTime() }
    }
    for (const [index, delay] of delays.slice(0, 4).entries()) {
      const row = await attempt()
      expect(row).toMatchObject({ status: 'pending', attempts: index + 1, last_error: expect.stringContaining('451') })
      expect(row.next).toBeGreaterThanOrEqual(row.from + delay * 1000)
      expect(row.next).toBeLessThanOrEqual(row.until + delay * 1000)
      if (delay === 40)
        expect(await attempt()).toMatchObject({ attempts: index + 1, next_attempt_at: row.next_attempt_at })
      outbox.app.advance(delay + 1)
    }
    await outbox.app.database.unitOfWork(({ tx }) => tx.updateTable('mails').set({ attempts: delays.length }).execute())
    expect(await attempt()).toMatchObject({ status: 'dead', attempts: delays.length + 1, lease_id: null })
  })

  it('is sent once the other side is back', async () => {
    await start()
    await server.stop()
    await outbox.write('ann@example.com')
    await outbox.run()
    expect(await outbox.rows()).toMatchObject([
      { status: 'pending', attempts: 1, last_error: expect.stringContaining('ECONN') },
    ])
    server = await MailServer.start({}, server.port)
    outbox.app.advance(6)
    await outbox.run()
    expect(server.mails).toHaveLength(1)
    expect(await outbox.rows()).toMatchObject([{ status: 'sent', attempts: 2, last_error: null }])
  })

  it.each(['RCPT', 'DATA'] as const)('a refusal for good at %s is a dead letter at once', async (at) => {
    await start()
    server.judge = (to) => (to.startsWith('bad') ? { at, code: 550 } : 'take')
    await outbox.write('bad@example.com')
    await outbox.write('ann@example.com')
    await outbox.run()
    expect(await outbox.states()).toEqual(['dead', 'sent'])
    expect((await outbox.rows())[0]).toMatchObject({ attempts: 1, last_error: expect.stringContaining('550') })
  })

  it('F29: a mail that cannot be written is a dead letter, and the others leave', async () => {
    await start()
    await outbox.write('ann@example.com', { template: 'identity_linked' })
    await outbox.write('bob@example.com', { template: 'nonsense' as MailTemplate })
    await outbox.write('cleo@example.com')
    await outbox.app.database.unitOfWork(({ tx }) =>
      tx
        .updateTable('mails')
        .set({ to_address: 'eve@example.com' })
        .where('to_address', '=', 'cleo@example.com')
        .execute(),
    )
    await outbox.write('dora@example.com')
    await outbox.run()
    expect(await outbox.states()).toEqual(['dead', 'dead', 'dead', 'sent'])
    expect((await outbox.rows())[0]?.last_error).toBe('The mail cannot be written: The mail has no provider')
    expect(server.mails.map(({ envelope }) => envelope.to[0])).toEqual(['dora@example.com'])
  })

  it('is never sent after its link has ended', async () => {
    await start()
    await outbox.write('ann@example.com', { expiresAt: new Date(outbox.app.now().getTime() + 600_000).toISOString() })
    server.judge = () => ({ at: 'DATA', code: 451 })
    await outbox.run()
    server.judge = () => 'take'
    outbox.app.advance(601)
    await outbox.run()
    expect(server.mails).toEqual([])
    expect(await outbox.rows()).toMatchObject([{ status: 'expired', sealed: null }])
  })

  it('without a way to send, it is a dead letter that says so', async () => {
    outbox = await Outbox.start({ MAIL_DRIVER: 'off' })
    await outbox.write('ann@example.com')
    await outbox.run()
    expect(await outbox.rows()).toMatchObject([
      { status: 'dead', last_error: expect.stringContaining('MAIL_DRIVER is off') },
    ])
  })
})

describe('side by side', () => {
  it('20 workers send each mail once', async () => {
    await start()
    for (let i = 0; i < 60; i++) await outbox.write(`person${i}@example.com`)
    await Promise.all(Array.from({ length: 20 }, () => otherWorker().runOnce()))
    // A hundred connections at once may have been too much for the mail server.
    outbox.app.advance(6)
    await outbox.run()
    expect(server.mails.map(({ envelope }) => envelope.to[0]).sort()).toEqual(
      Array.from({ length: 60 }, (_, i) => `person${i}@example.com`).sort(),
    )
    expect(new Set(await outbox.states())).toEqual(new Set(['sent']))
  })

  it('a mail whose sender is not heard of is taken over, under its first Message-ID, and the late one changes nothing', async () => {
    await start()
    server.judge = () => 'hang'
    await outbox.write('ann@example.com')
    const lost = otherWorker(1_500).runOnce()
    await expect.poll(() => server.hung).toBe(1)
    expect(await outbox.states()).toEqual(['sending'])
    server.judge = () => 'take'
    await outbox.run()
    expect(server.mails).toEqual([])
    outbox.app.advance(31)
    await outbox.run()
    expect(server.mails.map(({ messageId }) => messageId)).toEqual([(await outbox.rows())[0]?.message_id])
    await lost
    expect(await outbox.rows()).toMatchObject([{ status: 'sent', attempts: 2, last_error: null }])
  })

  it('one mail that hangs holds up no other', async () => {
    outbox = await Outbox.start(Outbox.settings(server), { mailTransport: transport(60_000) })
    server.judge = (to) => (to.startsWith('slow') ? 'hang' : 'take')
    await outbox.write('slow@example.com')
    for (let i = 0; i < 8; i++) await outbox.write(`quick${i}@example.com`)
    const all = outbox.run()
    await server.received(8)
    await expect.poll(() => outbox.states()).toEqual(['sending', ...Array(8).fill('sent')])
    await server.stop()
    await all
    server = await MailServer.start()
    expect(await outbox.rows()).toMatchObject([{ status: 'pending' }, ...Array(8).fill({ status: 'sent' })])
  })
})
