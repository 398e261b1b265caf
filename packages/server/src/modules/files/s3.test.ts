import { createHash, randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from '../../../test/databases.ts'
import { upload } from '../../../test/file-form.ts'
import { type S3Fault, type S3Server, startS3Server } from '../../../test/s3-server.ts'
import { listed } from '../../../test/stored-objects.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import { answerMs } from '../../platform/storage/s3-patience.ts'
import { derivedKey, newKey } from '../../platform/storage/storage.ts'

let s3: S3Server
let app: TestApp
let ada: Visitor
beforeAll(async () => {
  s3 = await startS3Server()
  app = await createTestApp(s3.variables)
  ada = await app.person('ada')
})
afterAll(async () => {
  await app.drop()
  await s3.close()
})
afterEach(() => {
  s3.fault = 'none'
  s3.completingMs = 0
})

const mebibyte = 1024 * 1024
const outcome = ({ status, json }: Answer) => [status, json?.code]
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const rows = (table: 'files' | 'file_uploads' | 'file_removals') =>
  app.database.db.selectFrom(table).selectAll().execute()
const keys = async () => (await listed(app.services.files.storage)).map(({ key }) => key)
const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }

describe('files in a bucket', () => {
  it('come back as they were, whole, in parts, and not after their end', async () => {
    const bytes = randomBytes(9 * mebibyte)
    const { json } = await upload(ada, { name: 'large.bin', bytes })
    expect(json).toMatchObject({ size: bytes.length, sha256: sha256(bytes) })
    expect((await ada.get(json.url)).bytes.equals(bytes)).toBe(true)
    const part = await ada.get(json.url, { range: 'bytes=100-199' })
    expect([part.status, part.bytes.equals(bytes.subarray(100, 200))]).toEqual([206, true])
    expect(await keys()).toEqual([newKey(json.id)])
    await ada.delete(`/files/${json.id}`)
    await app.services.fileRemovals.settled()
    expect([await keys(), await rows('file_removals')]).toEqual([[], []])
  })

  it('may be empty', async () => {
    const { json } = await upload(ada, { name: 'nothing.txt', bytes: '' })
    const content = await ada.get(json.url)
    expect([content.status, content.bytes.length, content.headers['content-length']]).toEqual([200, 0, '0'])
    await ada.delete(`/files/${json.id}`)
    await app.services.fileRemovals.settled()
  })

  it('go with what was made of them', async () => {
    const { storage } = app.services.files
    const key = newKey(newId())
    for (const each of [key, derivedKey(key, 'a.webp'), derivedKey(key, 'b.webp')])
      await storage.put(each, [Buffer.from('x')])
    expect(await keys()).toHaveLength(3)
    await storage.remove(key)
    expect(await keys()).toEqual([])
  })

  it('are taken by tus in as many requests as it takes', async () => {
    const bytes = randomBytes(3 * mebibyte)
    const begun = await ada.send('POST', '/files/tus', undefined, { 'upload-length': String(bytes.length) })
    const path = String(begun.headers.location)
    for (const [from, to] of [
      [0, 10],
      [10, mebibyte],
      [mebibyte, bytes.length],
    ] as const) {
      const answer = await ada.send('PATCH', path, bytes.subarray(from, to), { ...tus, 'upload-offset': String(from) })
      expect([answer.status, answer.headers['upload-offset']]).toEqual([204, String(to)])
    }
    const id = path.split('/').at(-1) ?? ''
    expect((await ada.get(`/files/${id}/content`)).bytes.equals(bytes)).toBe(true)
    expect(await keys()).toEqual([newKey(id)])
    await ada.delete(`/files/${id}`)
  })
})

describe('uploads past this server', () => {
  const bytes = Buffer.from('<!doctype html><p>sent to the bucket')
  const request = { name: '../page.png', size: bytes.length, content_type: 'image/png' }
  const send = (begun: Answer, body: Buffer = bytes) =>
    fetch(begun.json.upload_url, { method: 'PUT', headers: begun.json.headers, body: new Uint8Array(body) })

  it('are files once they were looked at', async () => {
    const begun = await ada.post('/files/presigned', { ...request, sha256: sha256(bytes), visibility: 'public' })
    expect(begun.json).toMatchObject({ method: 'PUT', headers: { 'content-type': 'image/png' } })
    const { id } = begun.json
    expect((await ada.get(`/files/${id}`)).status).toBe(404)
    expect(outcome(await ada.post(`/files/${id}/complete`))).toEqual([409, 'state_conflict'])
    expect((await send(begun)).status).toBe(200)
    const ben = await app.person()
    expect(outcome(await ben.post(`/files/${id}/complete`))).toEqual([404, 'not_found'])
    const done = await ada.post(`/files/${id}/complete`)
    expect(done.json).toMatchObject({ id, name: 'page.png', content_type: 'text/html', sha256: sha256(bytes) })
    // What is sent later changes nothing.
    await send(begun, Buffer.alloc(bytes.length, 'x'))
    expect((await ada.get(`/files/${id}/content`)).bytes.equals(bytes)).toBe(true)
    expect((await ada.post(`/files/${id}/complete`)).json).toEqual(done.json)
    await ada.delete(`/files/${id}`)
    await app.services.fileRemovals.settled()
  })

  it.each([
    ['other bytes', { sha256: sha256(Buffer.from('other')) }, bytes],
    ['fewer bytes', {}, bytes.subarray(1)],
  ])('are refused when %s came', async (_name, more, sent) => {
    const begun = await ada.post('/files/presigned', { ...request, ...more })
    await send({ ...begun, json: { ...begun.json, headers: { 'content-type': 'image/png' } } }, sent)
    const { id } = begun.json
    const answer = await ada.post(`/files/${id}/complete`)
    expect(answer.status === 422 || answer.status === 409).toBe(true)
    if (answer.status === 409) await ada.delete(`/files/${id}`)
    expect((await ada.get(`/files/${id}`)).status).toBe(404)
  })

  it('are for buckets only, and within the limits', async () => {
    const own = await createTestApp()
    const answer = await (await own.person()).post('/files/presigned', request)
    expect(outcome(answer)).toEqual([409, 'state_conflict'])
    await own.drop()
    const large = await ada.post('/files/presigned', { ...request, size: 2 ** 40 })
    expect(outcome(large)).toEqual([413, 'file_too_large'])
  })
})

// Half a minute of waiting for a bucket, which no engine has a part in.
describe.runIf(testEngine === 'sqlite')('F24: the bucket breaks', () => {
  const faults: S3Fault[] = ['down', '503', 'resets', 'clock', 'hangs']
  it.each(faults)(
    'F24: %s: 503, no row, nothing that can be read, and well again by itself',
    { timeout: 60_000 },
    async (fault) => {
      const kept = (await upload(ada, { bytes: 'kept' })).json
      const before = await rows('files')
      s3.fault = fault
      const bytes = randomBytes(2 * mebibyte)
      const refused = await upload(ada, { bytes })
      expect(outcome(refused)).toEqual([503, 'unavailable'])
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
      if (fault !== 'resets') expect(outcome(await ada.get(kept.url))).toEqual([503, 'unavailable'])
      expect((await ada.get('/files')).status).toBe(200)
      expect(await rows('files')).toEqual(before)
      expect(await rows('file_uploads')).toEqual([])

      s3.fault = 'none'
      await expect.poll(async () => (await upload(ada, { bytes })).status, { timeout: 15_000 }).toBe(201)
      expect((await ada.get(kept.url)).body).toBe('kept')
      app.advance(301)
      await ada.post('/auth/refresh')
      await app.services.files.sweep()
      await app.services.fileRemovals.settled()
      const named = (await rows('files')).map((row) => (row as { storage_key: string }).storage_key)
      expect((await keys()).sort()).toEqual(named.sort())
      expect(await rows('file_removals')).toEqual([])
    },
  )

  it('F24: takes its time to put parts together, or its answer is lost: the file is there once, and the upload is well', async () => {
    const bytes = randomBytes(9 * mebibyte)
    // Longer than a bucket has to answer anything else.
    s3.completingMs = answerMs + 1_500
    const slow = await upload(ada, { bytes })
    expect([slow.status, slow.json.sha256]).toEqual([201, sha256(bytes)])
    s3.completingMs = 0
    s3.fault = 'loses answer'
    const lost = await upload(ada, { bytes })
    s3.fault = 'none'
    expect([lost.status, lost.json.sha256]).toEqual([201, sha256(bytes)])
    expect((await ada.get(lost.json.url)).bytes.equals(bytes)).toBe(true)
    for (const { json } of [slow, lost]) await ada.delete(`/files/${json.id}`)
    await app.services.fileRemovals.settled()
  })

  it('F24: bytes that change on the way are not taken for the file', async () => {
    s3.fault = 'changes bytes'
    const bytes = randomBytes(100_000)
    const sent = await upload(ada, { bytes })
    s3.fault = 'none'
    expect(outcome(sent)).toEqual([503, 'unavailable'])
  })

  it('F24: readiness tells of it, and stays', async () => {
    s3.fault = 'down'
    const own = await createTestApp(s3.variables)
    const answer = await own.visitor().get('/ready')
    expect([answer.status, answer.json.checks.storage]).toEqual([200, 'failed'])
    s3.fault = 'none'
    await own.drop()
  })
})

describe('M48: what was sent for a message that never came', () => {
  it('M48: goes after a day, row and bytes, by tus and past this server alike', async () => {
    // Its clock moves, and nobody is signed in afterwards.
    const own = await createTestApp(s3.variables)
    const gil = await own.person()
    const bytes = Buffer.from('for a message')
    const ids: string[] = []
    const words = (text: string) => Buffer.from(text).toString('base64')
    for (const isWhole of [true, false]) {
      const begun = await gil.send('POST', '/files/tus', undefined, {
        ...{ 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length) },
        'upload-metadata': `filename ${words('a.txt')},purpose ${words('attachment')}`,
      })
      const path = String(begun.headers.location)
      const part = isWhole ? bytes : bytes.subarray(0, 5)
      expect((await gil.send('PATCH', path, part, { ...tus, 'upload-offset': '0' })).status).toBe(204)
      ids.push(path.split('/').at(-1) ?? '')
    }
    const about = { name: 'b.txt', size: bytes.length, content_type: 'text/plain', purpose: 'attachment' }
    for (const step of ['announced', 'sent', 'complete']) {
      const { json } = await gil.post('/files/presigned', about)
      ids.push(json.id)
      if (step === 'announced') continue
      await fetch(json.upload_url, { method: 'PUT', headers: json.headers, body: new Uint8Array(bytes) })
      if (step === 'complete') expect((await gil.post(`/files/${json.id}/complete`)).status).toBe(200)
    }
    const ours = async () => {
      const { db } = own.database
      const left = [db.selectFrom('files').select('id'), db.selectFrom('file_uploads').select('id')]
      const known = (await Promise.all(left.map((query) => query.execute()))).flat().map(({ id }) => id)
      const stored = (await listed(own.services.files.storage)).map(({ key }) => key)
      return ids.map((id) => [known.includes(id), stored.some((key) => key.startsWith(newKey(id)))])
    }
    expect((await ours()).every(([isKnown]) => isKnown)).toBe(true)
    await own.services.files.sweep()
    expect((await ours()).every(([isKnown]) => isKnown)).toBe(true)
    own.advance(2 * 86_400)
    await own.services.files.sweep()
    await own.services.fileRemovals.settled()
    expect(await ours()).toEqual(ids.map(() => [false, false]))
    expect(await own.services.files.usage(gil.userId)).toMatchObject({ bytes: 0 })
    await own.drop()
  })
})
