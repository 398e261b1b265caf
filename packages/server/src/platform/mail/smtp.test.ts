import { afterEach, expect, it } from 'vitest'
import { MailServer } from '../../../test/mail-server.ts'
import { isPlainAddress } from './mail-address.ts'
import type { MailMessage } from './mail-transport.ts'
import { SmtpTransport } from './smtp.ts'
import type { SmtpServer } from './smtp-url.ts'

let server: MailServer
afterEach(() => server.stop())

const mail: MailMessage = {
  from: { name: 'Atrium', address: 'no-reply@example.com' },
  to: 'ann@example.com',
  subject: 'Hello',
  text: 'Hello',
  html: '<p>Hello</p>',
  messageId: '<1@localhost>',
}
const login = { user: 'ann', password: 'hunter2' }
const send = (how: Partial<SmtpServer>, change: Partial<MailMessage> = {}) =>
  new SmtpTransport({
    server: { host: '127.0.0.1', port: server.port, tls: 'none', login: null, ...how },
    hostname: 'atrium.example',
    limits: { connect: 2_000, answer: 1_000, whole: 4_000 },
  })
    .send({ ...mail, ...change })
    .then(() => 'sent')
    .catch((error: unknown) => error)

it('logs in where it is told to, and says its name', async () => {
  const seen: unknown[] = []
  server = await MailServer.start({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, { hostNameAppearsAs }, done) => {
      seen.push([username, password, hostNameAppearsAs])
      if (password === 'hunter2') done(null, { user: username })
      else done(new Error('wrong'))
    },
  })
  expect(await send({ login })).toBe('sent')
  expect(seen).toEqual([['ann', 'hunter2', 'atrium.example']])
  const refused = await send({ login: { user: 'ann', password: 'other-word' } })
  expect(refused).toMatchObject({ name: 'MailNotSentError', permanent: false })
  expect(String(refused)).not.toContain('other-word')
  expect(await send({})).toMatchObject({ permanent: false })
})

it.each(['implicit', 'starttls'] as const)(
  'sends nothing to a server whose certificate is not known (%s)',
  async (tls) => {
    const heard: string[] = []
    server = await MailServer.start({
      secure: tls === 'implicit',
      hideSTARTTLS: false,
      onAuth: ({ password }, _session, done) => {
        heard.push(password ?? '')
        done(null, { user: 'ann' })
      },
    })
    expect(await send({ tls, host: 'localhost', login })).toMatchObject({ name: 'MailNotSentError', permanent: false })
    expect([heard, server.mails]).toEqual([[], []])
  },
)

it('says no password in the clear to a server that offers no TLS', async () => {
  const heard: string[] = []
  server = await MailServer.start({
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) => {
      heard.push(password ?? '')
      done(null, { user: 'ann' })
    },
  })
  expect(await send({ tls: 'starttls', login })).toMatchObject({ permanent: false })
  expect([heard, server.mails]).toEqual([[], []])
})

it('F22: gives up on a server that says nothing after the last byte', async () => {
  server = await MailServer.start()
  server.judge = () => 'hang'
  expect(await send({})).toMatchObject({ permanent: false })
})

it.each([
  ['RCPT', 550, true],
  ['RCPT', 450, false],
  ['DATA', 554, true],
  ['DATA', 421, false],
  ['RCPT', 530, false],
] as const)('F22: %s answered with %d is permanent: %s', async (at, code, permanent) => {
  server = await MailServer.start()
  server.judge = () => ({ at, code })
  expect(await send({})).toMatchObject({ name: 'MailNotSentError', permanent })
})

it('#45: reads no file and no address for a mail, and no second receiver out of one', async () => {
  server = await MailServer.start()
  expect(await send({}, { html: { path: '/etc/hostname' } as unknown as string })).toMatchObject({
    name: 'MailNotSentError',
  })
  for (const to of [
    '"a@evil.example x"@v.example',
    'a@evil.example, b@v.example',
    'a@b.example\r\nRCPT TO:<c@d.example>',
  ]) {
    expect(await send({}, { to })).toMatchObject({ name: 'MailNotSentError', permanent: true })
  }
  expect(server.mails).toEqual([])
})

it('M43: judges any text for an address at once', async () => {
  server = await MailServer.start()
  const started = performance.now()
  for (const text of [
    `${'('.repeat(10_000)}a@b.example`,
    `${'a.'.repeat(50_000)}@b.example`,
    `a@${'b.'.repeat(50_000)}example`,
    `a@b${'-'.repeat(50_000)}`,
    `"${'\\"'.repeat(50_000)}"@b.example`,
    `${'a'.repeat(65)}@b.example`,
    `a@${'b'.repeat(64)}.example`,
  ]) {
    expect(isPlainAddress(text)).toBe(false)
  }
  expect(performance.now() - started).toBeLessThan(1_000)
  for (const text of ['a@b.example', "o'neil+x@sub.b.example", 'a@bücher.example', 'root@localhost']) {
    expect([text, isPlainAddress(text)]).toEqual([text, true])
  }
})
