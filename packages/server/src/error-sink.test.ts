import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../test/test-app.ts'
import { loadConfig } from './config/config.ts'
import { openLog, scrubbed } from './error-sink.ts'

let receiver: Server
let app: TestApp
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
const received: any[] = []
beforeAll(async () => {
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      received.push(JSON.parse(body))
      response.writeHead(204).end()
    })
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/errors`
  const config = loadConfig({ TESTING: 'true', LOG_LEVEL: 'error', ERROR_SINK_URL: url })
  app = await createTestApp({}, { log: openLog(config) })
})
afterAll(async () => {
  await app.drop()
  receiver.close()
})

it('an error nobody foresaw is told elsewhere, with its request and without what people typed; many alike are one', async () => {
  const ann = await app.person('ann')
  await app.database.unitOfWork(({ tx }) => sql`drop table bookmarks`.execute(tx))
  const answers = await Promise.all(Array.from({ length: 12 }, () => ann.get('/bookmarks?search=typed-by-ann')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500]))
  await expect.poll(() => received.length, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(received).toHaveLength(1)
  const [told] = received
  expect(told).toMatchObject({ service: 'atrium', level: 'error', message: 'request failed', left_out_before: 0 })
  expect(answers.map(({ json }) => json.request_id)).toContain(told.request_id)
  expect(told.error.text).toMatch(/bookmarks|‹text›/)
  expect(told.error.frames.length).toBeGreaterThan(0)
  expect(JSON.stringify(received)).not.toMatch(/typed-by-ann|ann@example|127\.0\.0\.1/)
})

it('what an error says is told without values', () => {
  const said = [
    "Duplicate entry 'ann@example.com' for key 'users_email_key'",
    'Key (email_key)=(ann@example.com) already exists.',
    'connect ECONNREFUSED 192.168.7.9:5432 for ann@example.com',
    'Unexpected token in JSON: "ann writes',
    "It doesn't know the value 'ann'",
    'token whsec_aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ was refused by 2001:db8:77aa::1',
  ]
  const told = said.map(scrubbed)
  expect(told.join()).not.toMatch(/ann|192|2001|whsec_a|users_email/)
  expect(told[4]).toBe("It doesn't know the value ‹text›")
  expect(told[1]).toBe('Key ‹values› already exists.')
})

it('addresses of one’s own network are refused at the start', () => {
  const config = (ERROR_SINK_URL: string) => () => loadConfig({ ERROR_SINK_URL })
  for (const url of ['http://example.com/', 'https://10.0.0.1/', 'https://localhost/', 'https://ann:word@example.com/'])
    expect(config(url)).toThrow('ERROR_SINK_URL')
  expect(config('https://errors.example.com/in?key=1')().secrets.errorSink).toBe('https://errors.example.com/in?key=1')
})
