import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { type Answer, actorOf, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

const mebibyte = 1024 * 1024

let app: TestApp
let ada: Visitor
let ben: Visitor
beforeAll(async () => {
  app = await createTestApp({ FILE_MAX_MB: '2', FILE_QUOTA_MB: '20' })
  ada = await app.person('ada')
  ben = await app.person('ben')
})
afterAll(() => app.drop())

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const outcome = ({ status, json }: Answer) => [status, json?.code]
const folder = (part: string) => join(app.config.dataDir, 'files', part)
const objects = () =>
  readdirSync(folder('objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
/** Everything but what makes each answer its own. */
const withoutIds = ({ json }: Answer) => ({ ...json, request_id: '', instance: '' })

describe('a file', () => {
  it('is stored as it came, and known by its content', async () => {
    const sent = await upload(ada, { name: 'Dot.png', type: 'text/html', bytes: png }, { visibility: 'private' })
    expect(sent.status).toBe(201)
    expect(sent.json).toMatchObject({
      ...{ name: 'Dot.png', size: png.length, content_type: 'image/png', sha256: sha256(png) },
      ...{ visibility: 'private', purpose: 'file', variants: [], version: 1 },
      url: `/api/v1/files/${sent.json.id}/content`,
    })
    expect(sent.headers.location).toBe(`/api/v1/files/${sent.json.id}`)
    expect((await ada.get(`/files/${sent.json.id}`)).json).toEqual(sent.json)

    const content = await ada.get(sent.json.url)
    expect(content.bytes.equals(png)).toBe(true)
    expect(content.headers).toMatchObject({
      ...{ 'content-type': 'image/png', 'content-length': String(png.length), etag: `"${sha256(png)}"` },
      ...{ 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' },
      'content-disposition': 'inline; filename=Dot.png',
    })
    expect(content.headers['content-security-policy']).toContain('sandbox')
  })

  it('comes whole and in parts, few bytes as many', async () => {
    const bytes = randomBytes(300 * 1024)
    const { json } = await upload(ada, { name: 'noise.bin', bytes })
    const whole = await ada.get(json.url)
    expect([whole.bytes.equals(bytes), whole.headers['content-length']]).toEqual([true, String(bytes.length)])
    for (const [start, end] of [
      [0, 128 * 1024 - 1],
      [1, 128 * 1024 + 1],
      [bytes.length - 1, bytes.length - 1],
    ] as const) {
      const part = await ada.get(json.url, { range: `bytes=${start}-${end}` })
      expect([part.status, part.headers['content-length']]).toEqual([206, String(end - start + 1)])
      expect(part.bytes.equals(bytes.subarray(start, end + 1))).toBe(true)
    }
  })

  it('may be empty', async () => {
    const { json } = await upload(ada, { name: 'nothing.txt', bytes: '' })
    expect(json).toMatchObject({ size: 0, sha256: sha256(Buffer.alloc(0)) })
    const content = await ada.get(json.url)
    expect([content.status, content.bytes.length, content.headers['content-length']]).toEqual([200, 0, '0'])
    expect(outcome(await ada.get(json.url, { range: 'bytes=0-' }))).toEqual([416, 'range_invalid'])
  })

  it('is answered with 304 to who has it, and to HEAD without its bytes', async () => {
    const { json } = await upload(ada, { bytes: png })
    const etag = `"${sha256(png)}"`
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect((await ada.get(json.url, { 'if-none-match': header })).status).toBe(304)
    }
    expect((await ada.get(json.url, { 'if-none-match': '"other"' })).status).toBe(200)
    const head = await ada.send('HEAD', json.url)
    expect([head.status, head.bytes.length, head.headers['content-length'], head.headers.etag]).toEqual([
      ...[200, 0, String(png.length), etag],
    ])
  })

  it('gets another name and another visibility; a version that is gone is refused', async () => {
    const { json, headers } = await upload(ada, { name: 'a.txt', bytes: 'x' })
    const renamed = await ada.patch(`/files/${json.id}`, { name: '../b.txt' }, { 'if-match': '"v1"' })
    expect(renamed.json).toMatchObject({ name: 'b.txt', version: 2 })
    expect(headers.location).toBe(`/api/v1/files/${json.id}`)
    const late = await ada.patch(`/files/${json.id}`, { visibility: 'public' }, { 'if-match': '"v1"' })
    expect(outcome(late)).toEqual([412, 'precondition_failed'])
    expect(outcome(await ada.patch(`/files/${json.id}`, { owner_id: ben.userId }))).toEqual([422, 'unknown_field'])
    expect(outcome(await ada.delete(`/files/${json.id}`, { 'if-match': '"v1"' }))).toEqual([412, 'precondition_failed'])
  })

  it('goes with its bytes', async () => {
    const { json } = await upload(ada, { bytes: 'going' })
    expect(objects()).toContain(json.id)
    expect((await ada.delete(`/files/${json.id}`)).status).toBe(204)
    await app.services.fileRemovals.settled()
    expect(objects()).not.toContain(json.id)
    for (const path of [`/files/${json.id}`, json.url]) expect((await ada.get(path)).status).toBe(404)
    expect((await ada.delete(`/files/${json.id}`)).status).toBe(404)
  })

  it('is listed to its owner, newest first, with the room that all of them take', async () => {
    const cleo = await app.person()
    const ids: string[] = []
    for (const number of [1, 2, 3]) ids.unshift((await upload(cleo, { bytes: `number ${number}` })).json.id)
    await upload(cleo, { bytes: 'four' }, { purpose: 'attachment' })
    const first = await cleo.get('/files?limit=2&purpose=file')
    expect(first.json.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2))
    expect(first.json.page).toMatchObject({ limit: 2, has_more: true, prev_cursor: null })
    expect(first.json.usage).toEqual({ bytes: 28, quota_bytes: 20 * mebibyte })
    const cursor = first.json.page.next_cursor
    const second = await cleo.get(`/files?limit=2&purpose=file&cursor=${cursor}`)
    expect(second.json.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2))
    expect(second.json.page).toMatchObject({ has_more: false, next_cursor: null })
    expect(outcome(await ben.get(`/files?purpose=file&cursor=${cursor}`))).toEqual([400, 'bad_cursor'])
    expect((await cleo.get('/files')).json.data).toHaveLength(4)
  })

  it('stays, after its account is gone, in no folder and no table', async () => {
    const gone = await app.person()
    const { json } = await upload(gone, { bytes: 'mine' }, { visibility: 'public' })
    await app.services.erasure.erase(gone.userId)
    await app.services.fileRemovals.settled()
    expect(objects()).not.toContain(json.id)
    expect((await app.visitor().get(json.url)).status).toBe(401)
    for (const table of ['files', 'file_usage'] as const) {
      const rows = await app.database.db.selectFrom(table).selectAll().where('owner_id', '=', gone.userId).execute()
      expect(rows).toEqual([])
    }
  })
})

describe('who reads', () => {
  it('FI4 AZ2: a private file is to others as one that does not exist', async () => {
    const { json } = await upload(ada, { bytes: 'secret' })
    const other = '01890000-0000-7000-8000-000000000000'
    const ways: ((id: string) => Promise<Answer>)[] = [
      (id) => ben.get(`/files/${id}`),
      (id) => ben.get(`/files/${id}/content`),
      (id) => ben.get(`/files/${id}/content`, { range: 'bytes=0-1' }),
      (id) => ben.patch(`/files/${id}`, { name: 'x' }),
      (id) => ben.delete(`/files/${id}`),
      (id) => app.visitor().get(`/files/${id}/content`),
    ]
    for (const way of ways) {
      const answer = await way(json.id)
      expect([401, 404]).toContain(answer.status)
      expect(withoutIds(answer)).toEqual(withoutIds(await way(other)))
    }
    expect((await ada.get(json.url)).body).toBe('secret')
  })

  it('a public file is for everybody who has its address, until it is private again', async () => {
    const { json } = await upload(ada, { name: 'p.png', bytes: png }, { visibility: 'public' })
    const stranger = await app.visitor().get(json.url)
    expect([stranger.status, stranger.headers['cache-control']]).toEqual([200, 'public, no-cache'])
    expect((await ben.get(`/files/${json.id}`)).json.name).toBe('p.png')
    expect((await ben.patch(`/files/${json.id}`, { name: 'taken.png' })).status).toBe(404)
    await ada.patch(`/files/${json.id}`, { visibility: 'private' })
    expect((await app.visitor().get(json.url)).status).toBe(401)
    expect((await ben.get(json.url)).status).toBe(404)
  })

  it('another room may open it to its own readers', async () => {
    const { json } = await upload(ada, { bytes: 'shared' }, { purpose: 'attachment' })
    const { files } = app.services
    const shared = new Set<string>()
    files.readers.add('test', async (actor) => (actor.userId === ben.userId ? shared : new Set()))
    expect((await ben.get(json.url)).status).toBe(404)
    shared.add(json.id)
    expect((await ben.get(json.url)).body).toBe('shared')
    expect((await ben.delete(`/files/${json.id}`)).status).toBe(404)
    const key = actorOf(ben, { kind: 'api_key', permissions: ['files:read'], scopes: ['messages:read'] })
    expect((await files.listReadable(key, [json.id])).size).toBe(0)
  })
})

describe('M51 FI4: ranges', () => {
  const text = 'abcdefghij'
  let url: string
  beforeAll(async () => {
    url = (await upload(ada, { bytes: text })).json.url
  })

  it.each([
    ['bytes=0-0', 'a'],
    ['bytes=2-4', 'cde'],
    ['bytes=7-', 'hij'],
    ['bytes=-3', 'hij'],
    ['bytes=-300', text],
    ['bytes=8-800', 'ij'],
    [' bytes=9-9 ', 'j'],
  ])('M51: %s gives %s', async (range, part) => {
    const answer = await ada.get(url, { range })
    const start = text.indexOf(part)
    expect([answer.status, answer.body]).toEqual([206, part])
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${start + part.length - 1}/10`)
    expect(answer.headers['content-length']).toBe(String(part.length))
  })

  it.each(['bytes=10-', 'bytes=10-11', 'bytes=-0', 'bytes=999999999999-'])('M51: %s does not exist', async (range) => {
    const answer = await ada.get(url, { range })
    expect(outcome(answer)).toEqual([416, 'range_invalid'])
    expect(answer.headers['content-range']).toBe('bytes */10')
  })

  const odd = ['bytes=-', 'bytes=a-b', 'bytes=4-2', 'bytes 0-1', 'lines=0-1', 'bytes=--1', 'bytes=0x1-2', '-', '=']
  const floods = [`bytes=${'0-0,'.repeat(1000)}0-0`, `bytes=0-${'9'.repeat(4000)}`, 'bytes=0-1,4-5']
  it.each([...odd, ...floods])('M51: %s gives all of it', async (range) => {
    const answer = await ada.get(url, { range })
    expect([answer.status, answer.body]).toEqual([200, text])
  })

  it('If-Range: a part only of what the caller has', async () => {
    const etag = `"${sha256(Buffer.from(text))}"`
    const ask = async (condition: string) => (await ada.get(url, { range: 'bytes=1-1', 'if-range': condition })).status
    expect([await ask(etag), await ask('"other"'), await ask(`W/${etag}`)]).toEqual([206, 200, 200])
  })
})
