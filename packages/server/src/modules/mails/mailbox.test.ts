import { afterEach, describe, expect, it } from 'vitest'
import { mailLink, Outbox } from '../../../test/outbox.ts'
import { exchange, request } from '../../../test/raw-http.ts'

let outbox: Outbox
afterEach(() => outbox.app.drop())

const start = async (variables: Record<string, string> = {}) => {
  outbox = await Outbox.start(variables)
  return outbox.app.visitor()
}
const json = { accept: 'application/json' }

describe('GET /dev/mailbox', () => {
  it('answers the mails newest first, sent or not yet', async () => {
    const visitor = await start()
    await outbox.write('ann@example.com')
    await outbox.run()
    await outbox.write('bob@example.com', { locale: 'de' })
    const answer = await visitor.get('/dev/mailbox', json)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json.data).toHaveLength(2)
    expect(answer.json.data[0]).toEqual({
      id: expect.any(String),
      to: 'bob@example.com',
      subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      text: expect.stringContaining(`\n${mailLink}\n`),
      html: expect.stringContaining('<!doctype html>'),
      links: [mailLink],
      created_at: expect.stringMatching(/Z$/),
    })
    expect(answer.json.data[1].to).toBe('ann@example.com')
  })

  it('is a page where nothing of a mail runs, and its links can be followed', async () => {
    const visitor = await start()
    expect((await visitor.get('/dev/mailbox')).body).toContain('No mail yet')
    await outbox.write('ann@example.com')
    await outbox.write('eve+"><script>alert(1)</script>@example.com', {
      template: 'username_changed',
      data: { username: '</pre><script>alert(1)</script>' },
    })
    const { body, headers } = await visitor.get('/dev/mailbox', { accept: 'text/html' })
    const [, nonce] = /'nonce-([^']+)'/.exec(String(headers['content-security-policy'])) ?? []
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'nonce-[^']+';/)
    expect(body.match(/<script/g)).toHaveLength(1)
    expect(body).toContain(`<script nonce="${nonce}">`)
    expect(body).toContain(`<a href="${mailLink}" target="_blank" rel="noopener noreferrer">`)
    expect(body.match(/<iframe /g)).toHaveLength(2)
    expect(body.match(/sandbox="allow-popups allow-popups-to-escape-sandbox"/g)).toHaveLength(2)
    expect(body).not.toMatch(/https?:\/\/(?!localhost)/)
    expect((await visitor.get('/dev/mailbox')).headers['content-security-policy']).not.toContain(nonce)
  })

  it.each([
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
    { via: '1.1 proxy' },
    { host: 'evil.example' },
    { host: 'localhost.evil.example:8000' },
    { host: '127.0.0.1.evil.example' },
  ])('M08: with %j there is nothing, as for any other machine', async (headers) => {
    const visitor = await start()
    await outbox.write('ann@example.com')
    const nothing = await visitor.get('/dev/nothing', json)
    for (const accept of ['application/json', 'text/html']) {
      const answer = await visitor.get('/dev/mailbox', { ...headers, accept })
      expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
      expect(answer.body.replace(/mailbox|nothing|[0-9a-f-]{36}/g, '')).toBe(
        nothing.body.replace(/mailbox|nothing|[0-9a-f-]{36}/g, ''),
      )
    }
    expect((await visitor.delete('/dev/mailbox', headers)).status).toBe(404)
  })

  it('is not there for another address of this machine', async () => {
    await start({ HOST: '0.0.0.0', PORT: '0' })
    const port = await outbox.app.listen()
    const here = await exchange(port, request('GET /dev/mailbox', ['Connection: close']))
    expect(here.status).toBe(200)
    const inject = await outbox.app.http.inject({ url: '/dev/mailbox', remoteAddress: '192.168.1.5' })
    expect(inject.statusCode).toBe(404)
  })

  it.each([
    [
      'production',
      {
        NODE_ENV: 'production',
        TESTING: '',
        RATE_LIMIT_PROFILE: '',
        EMAIL_VERIFICATION: 'off',
        PUBLIC_URL: 'https://atrium.example',
        REQUIRE_MFA: 'off',
      },
    ],
    ['another driver', { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'a@example.com' }],
  ])('is not there in %s', async (_, variables) => {
    const visitor = await start(variables)
    for (const headers of [json, { accept: 'text/html' }]) {
      expect((await visitor.get('/dev/mailbox', headers)).status).toBe(404)
    }
    expect((await visitor.delete('/dev/mailbox')).status).toBe(404)
  })
})

describe('DELETE /dev/mailbox', () => {
  it('empties it', async () => {
    const visitor = await start()
    await outbox.write('ann@example.com')
    expect((await visitor.delete('/dev/mailbox')).status).toBe(204)
    expect((await visitor.get('/dev/mailbox', json)).json.data).toEqual([])
    expect(await outbox.rows()).toEqual([])
  })

  it.each([{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])(
    'SE9: a page of another site with %j cannot',
    async (headers) => {
      const visitor = await start()
      await outbox.write('ann@example.com')
      const answer = await visitor.delete('/dev/mailbox', headers)
      expect([answer.status, answer.json.code]).toEqual([403, 'origin_not_allowed'])
      expect(await outbox.rows()).toHaveLength(1)
    },
  )
})
