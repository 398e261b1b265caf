import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { MailMessage } from './mail-transport.ts'
import { ResendTransport } from './resend.ts'
import { SendgridTransport } from './sendgrid.ts'

const mail: MailMessage = {
  from: { name: 'Atrium', address: 'no-reply@example.com' },
  to: 'ann@example.com',
  subject: 'Grüße',
  text: 'Hello',
  html: '<p>Hello</p>',
  messageId: '<1@localhost>',
  headers: { 'Auto-Submitted': 'auto-generated' },
}

let service: Server
let baseUrl: string
let answer: { status: number; body?: string; location?: string; never?: boolean }
let requests: {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: unknown
}[]
beforeEach(async () => {
  requests = []
  answer = { status: 202 }
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request
    requests.push({ method, url, headers, body: await json(request) })
    if (answer.never) return void request.socket.destroy()
    response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end(answer.body)
  }
  service = createServer((request, response) => void respond(request, response))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  baseUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
})
afterEach(() => {
  service.closeAllConnections()
  service.close()
})

it('SendGrid gets one request, without any tracking', async () => {
  await new SendgridTransport({ apiKey: 'SG.key', baseUrl }).send(mail)
  expect(requests).toMatchObject([
    {
      method: 'POST',
      url: '/v3/mail/send',
      headers: { authorization: 'Bearer SG.key', 'content-type': 'application/json' },
    },
  ])
  expect(requests[0]?.body).toEqual({
    personalizations: [{ to: [{ email: 'ann@example.com' }] }],
    from: { email: 'no-reply@example.com', name: 'Atrium' },
    subject: 'Grüße',
    content: [
      { type: 'text/plain', value: 'Hello' },
      { type: 'text/html', value: '<p>Hello</p>' },
    ],
    headers: { 'Message-ID': '<1@localhost>', 'Auto-Submitted': 'auto-generated' },
    tracking_settings: {
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
      ganalytics: { enable: false },
    },
  })
})

it('Resend gets one request, the same key at every attempt', async () => {
  answer = { status: 200, body: '{"id":"1"}' }
  const transport = new ResendTransport({ apiKey: 're_key', baseUrl })
  await transport.send(mail)
  await transport.send({ ...mail, from: { address: 'no-reply@example.com' } })
  expect(requests).toMatchObject([
    {
      method: 'POST',
      url: '/emails',
      headers: { authorization: 'Bearer re_key', 'idempotency-key': '<1@localhost>' },
      body: { from: '"Atrium" <no-reply@example.com>' },
    },
    { headers: { 'idempotency-key': '<1@localhost>' }, body: { from: 'no-reply@example.com' } },
  ])
  expect(requests[0]?.body).toEqual({
    from: '"Atrium" <no-reply@example.com>',
    to: ['ann@example.com'],
    subject: 'Grüße',
    text: 'Hello',
    html: '<p>Hello</p>',
    headers: { 'Message-ID': '<1@localhost>', 'Auto-Submitted': 'auto-generated' },
  })
})

it.each([
  [{ status: 400, body: 'bad address' }, true],
  [{ status: 422 }, true],
  [{ status: 401 }, false],
  [{ status: 403 }, false],
  [{ status: 429 }, false],
  [{ status: 500 }, false],
  [{ status: 503 }, false],
  [{ status: 0, never: true }, false],
  [{ status: 307, location: 'http://127.0.0.1:1/elsewhere' }, false],
])('after %j another attempt is pointless: %s', async (given, permanent) => {
  answer = given
  for (const transport of [
    new SendgridTransport({ apiKey: 'secret-key', baseUrl }),
    new ResendTransport({ apiKey: 'secret-key', baseUrl }),
  ]) {
    const error = await transport.send(mail).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'MailNotSentError', permanent })
    expect(String(error)).not.toContain('secret-key')
  }
  expect(requests).toHaveLength(2)
})
