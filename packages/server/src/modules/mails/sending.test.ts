import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../test/databases.ts'
import { MailServer } from '../../../test/mail-server.ts'
import { mailLink, Outbox } from '../../../test/outbox.ts'
import { pause } from '../../platform/db/time-limit.ts'

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

describe('a mail that arrives', () => {
  it('has both parts, its language, and the headers of a mail that nobody answers', async () => {
    await start()
    await outbox.write('ann@example.com', { locale: 'de' })
    await outbox.run()
    const [mail] = server.mails
    const [row] = await outbox.rows()
    expect(mail?.envelope).toEqual({ from: 'no-reply@example.com', to: ['ann@example.com'] })
    expect(mail?.from).toMatchObject({ name: 'Atrium Grüße', address: 'no-reply@example.com' })
    expect(mail?.to).toEqual([{ name: '', address: 'ann@example.com' }])
    expect(mail?.subject).toBe('Bitte bestätigen Sie Ihre E-Mail-Adresse')
    expect(mail?.messageId).toBe(row?.message_id)
    expect(mail?.text?.split('\n')).toEqual(expect.arrayContaining([mailLink, '01234567']))
    expect(mail?.html).toContain(`href="${mailLink}"`)
    const headers = Object.fromEntries(mail?.headers.map(({ key, value }) => [key, value]) ?? [])
    expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'content-language': 'de' })
    expect(row).toMatchObject({ status: 'sent', attempts: 1, sealed: null, lease_id: null, last_error: null })
  })

  it('M42: no name adds a header or a receiver', async () => {
    await start()
    await outbox.write('ann@example.com')
    const names = ['A\r\nBcc: all@example.com', 'A\nX-Evil: 1\n\n<b>', '=?utf-8?q?Bcc:_all?=', '"A" <evil@example.com>']
    for (const name of names) {
      await outbox.write('ann@example.com', { data: { name } })
      await outbox.write('ann@example.com', { template: 'username_changed', data: { name, username: name } })
    }
    await outbox.run()
    expect(server.mails).toHaveLength(1 + 2 * names.length)
    const [plain, ...named] = server.mails
    const headers = (mail = plain) => mail?.headers.map(({ key }) => key).sort()
    for (const mail of named) {
      expect(mail.envelope.to).toEqual(['ann@example.com'])
      expect(headers(mail)).toEqual(headers())
    }
    expect(new Set(server.mails.map(({ subject }) => subject)).size).toBe(2)
  })

  it('leaves by itself once the server listens', async () => {
    outbox = await Outbox.start({ ...Outbox.settings(server), PORT: '0' })
    await outbox.app.listen()
    await outbox.write('ann@example.com')
    await server.received(1)
    expect(server.mails[0]?.envelope.to).toEqual(['ann@example.com'])
  })
})

it('M43 #45: to what is no plain address nothing is sent, and the reason is kept', async () => {
  await start()
  const addresses = [
    '"a@evil.example x"@v.example',
    'a@b.example,c@d.example',
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example> SIZE=1\r\nRCPT TO:<c@d.example',
    'Ann <a@b.example>',
    'a@[127.0.0.1]',
    'a(comment)@b.example',
    'group: a@b.example;',
    '@b.example',
    'a@',
    '',
  ]
  for (const to of addresses) await outbox.write(to)
  await outbox.run()
  expect(server.mails).toEqual([])
  for (const row of await outbox.rows()) {
    expect(row).toMatchObject({ status: 'dead', last_error: 'The address is none that mail can be sent to' })
  }
})

it('a stop waits for the mail that is on its way, and the next start sends the rest', async () => {
  const database = await createTestDatabase()
  outbox = await Outbox.start({ ...Outbox.settings(server), PORT: '0' }, {}, database)
  await outbox.app.listen()
  let answer = () => {}
  const reached = new Promise<void>((isReached) => {
    server.beforeAnswer = () => {
      isReached()
      return new Promise((done) => {
        answer = done
      })
    }
  })
  await outbox.write('ann@example.com')
  await reached
  const closed = outbox.app.close()
  server.beforeAnswer = () => {}
  // Long enough for everything else to be closed.
  expect(await Promise.race([closed, pause(300).then(() => 'waits')])).toBe('waits')
  answer()
  await closed
  outbox = await Outbox.start(Outbox.settings(server), {}, database)
  expect(await outbox.states()).toEqual(['sent'])
  await outbox.write('bob@example.com')
  await outbox.run()
  expect(server.mails).toHaveLength(2)
})

it('what is done with goes after a month, and a dead letter that cannot be used any more is emptied', async () => {
  await start()
  server.judge = (to) => (to.startsWith('bad') ? { at: 'RCPT', code: 550 } : 'take')
  const soon = new Date(outbox.app.now().getTime() + 60_000).toISOString()
  await outbox.write('ann@example.com')
  await outbox.write('bad1@example.com')
  await outbox.write('bad2@example.com', { expiresAt: soon })
  await outbox.run()
  outbox.app.advance(61)
  expect(await outbox.app.services.mails.purge()).toBe(0)
  const kept = await outbox.rows()
  expect(kept.map(({ status, sealed }) => [status, sealed === null])).toEqual([
    ['sent', true],
    ['dead', false],
    ['expired', true],
  ])
  outbox.app.advance(30 * 86_400)
  await outbox.write('cleo@example.com')
  expect(await outbox.app.services.mails.purge()).toBe(3)
  expect(await outbox.states()).toEqual(['pending'])
})
