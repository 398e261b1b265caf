import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileForm, upload } from '../../../test/file-form.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

const mebibyte = 1024 * 1024

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp({ FILE_MAX_MB: '2', FILE_QUOTA_MB: '20' })
  ada = await app.person('ada')
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const folder = (part: string) => join(app.config.dataDir, 'files', part)
const objects = () =>
  readdirSync(folder('objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)

describe('room', () => {
  it('FI3: a file may have as many bytes as the limit, and not one more', async () => {
    expect((await upload(ada, { bytes: Buffer.alloc(2 * mebibyte) })).status).toBe(201)
    const before = objects().length
    const over = await upload(ada, { bytes: Buffer.alloc(2 * mebibyte + 1) })
    expect(outcome(over)).toEqual([413, 'file_too_large'])
    expect(over.json.max_bytes).toBe(2 * mebibyte)
    await app.services.fileRemovals.settled()
    expect(objects()).toHaveLength(before)
    expect(readdirSync(folder('incoming'))).toEqual([])
  })

  it('FI3: uploads at once share the quota; what is deleted is free again', async () => {
    const dora = await app.person()
    const big = Buffer.alloc(2 * mebibyte - 20_000)
    const sent = await Promise.all(Array.from({ length: 12 }, () => upload(dora, { bytes: big })))
    const kept = sent.filter(({ status }) => status === 201)
    const refused = sent.filter(({ status }) => status !== 201)
    expect(kept).toHaveLength(10)
    expect(refused.map(outcome)).toEqual(refused.map(() => [413, 'quota_exceeded']))
    expect(refused[0]?.json).toMatchObject({ quota_bytes: 20 * mebibyte })
    const usage = async () => (await dora.get('/files?limit=1')).json.usage.bytes
    expect(await usage()).toBe(10 * big.length)
    await dora.delete(`/files/${kept[0]?.json.id}`)
    expect(await usage()).toBe(9 * big.length)
    expect((await upload(dora, { bytes: big })).status).toBe(201)
  })
})

describe('FI3: forms', () => {
  const send = (parts: Parameters<typeof fileForm>[0], change = (body: Buffer) => body) => {
    const { body, type } = fileForm(parts)
    return ada.send('POST', '/files', change(body), { 'content-type': type })
  }
  const file = { name: 'a.txt', bytes: 'text' }

  it('FI3: fields may stand before and after the file', async () => {
    const sent = await send([
      ['visibility', 'public'],
      ['file', file],
      ['purpose', 'attachment'],
    ])
    expect(sent.json).toMatchObject({ visibility: 'public', purpose: 'attachment', size: 4 })
  })

  const wrong: [string, Parameters<typeof fileForm>[0], number, string][] = [
    ['no file', [['purpose', 'file']], 422, 'validation_failed'],
    ['a file in another field', [['picture', file]], 422, 'validation_failed'],
    [
      'two files',
      [
        ['file', file],
        ['file', file],
      ],
      413,
      'payload_too_large',
    ],
    [
      'an unknown field',
      [
        ['file', file],
        ['owner_id', 'x'],
      ],
      422,
      'unknown_field',
    ],
    [
      'an unknown purpose',
      [
        ['file', file],
        ['purpose', 'avatar'],
      ],
      422,
      'validation_failed',
    ],
    [
      'a field twice',
      [
        ['purpose', 'file'],
        ['purpose', 'file'],
        ['file', file],
      ],
      422,
      'validation_failed',
    ],
    [
      'a long field',
      [
        ['purpose', 'x'.repeat(2000)],
        ['file', file],
      ],
      422,
      'validation_failed',
    ],
    [
      'a field of the prototype',
      [
        ['__proto__', 'x'],
        ['file', file],
      ],
      400,
      'bad_request',
    ],
    ['10 000 parts', Array.from({ length: 10_000 }, (_, at) => [`f${at}`, 'x'] as const), 413, 'payload_too_large'],
  ]
  it.each(wrong)('FI3: %s', async (_name, parts, status, code) => {
    const before = objects().length
    expect(outcome(await send(parts))).toEqual([status, code])
    await app.services.fileRemovals.settled()
    expect(objects()).toHaveLength(before)
    expect(await app.database.db.selectFrom('file_uploads').selectAll().execute()).toEqual([])
  })

  it.each([
    ['cut within the file', (body: Buffer) => body.subarray(0, body.length - 30)],
    ['without an end', (body: Buffer) => body.subarray(0, body.length - 4)],
    ['empty', () => Buffer.alloc(0)],
    ['with another boundary', (body: Buffer) => Buffer.from(body.toString().replaceAll('atrium-test', 'other'))],
  ])('FI3: a form %s', async (_name, change) => {
    const answer = await send([['file', file]], change)
    expect([400, 422]).toContain(answer.status)
    expect(readdirSync(folder('incoming'))).toEqual([])
  })

  it('M17: what is no form is refused, and so is a form without the CSRF value', async () => {
    const json = await ada.post('/files', { name: 'x' })
    expect(outcome(json)).toEqual([415, 'unsupported_media_type'])
    expect(outcome(await upload(ada, file, {}, { 'x-csrf-token': '' }))).toEqual([403, 'csrf_missing'])
  })
})
