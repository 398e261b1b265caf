import { createHash, randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Upload, type UploadOptions } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../../../test/tcp-proxy.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ada: Visitor
let proxy: TcpProxy
beforeAll(async () => {
  app = await createTestApp({ PORT: '0', FILE_MAX_MB: '64', FILE_QUOTA_MB: '200' })
  const port = await app.listen()
  proxy = await startTcpProxy(`http://127.0.0.1:${port}`)
  ada = await app.person('ada')
})
afterAll(async () => {
  await proxy.close()
  await app.drop()
})

const mebibyte = 1024 * 1024
const outcome = ({ status, json }: Answer) => [status, json?.code]
const base64 = (text: string) => Buffer.from(text).toString('base64')
const tus = { 'tus-resumable': '1.0.0' }
const credentials = () => ({ cookie: ada.cookieHeader, 'x-csrf-token': ada.csrf?.csrf_access_token ?? '' })
const partialSize = (id: string) =>
  statSync(join(app.config.dataDir, 'files/partial', id), { throwIfNoEntry: false })?.size ?? 0
const idOf = (location: unknown) => String(location).split('/').at(-1) ?? ''

async function create(size: number, metadata: Record<string, string> = {}, who = ada): Promise<string> {
  const listed = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`)
  const more = listed.length > 0 ? { 'upload-metadata': listed.join(',') } : {}
  const answer = await who.send('POST', '/files/tus', undefined, { ...tus, 'upload-length': String(size), ...more })
  expect(answer.status).toBe(201)
  return idOf(answer.headers.location)
}
const append = (id: string, offset: number, bytes: string | Buffer, headers: Record<string, string> = {}, who = ada) =>
  who.send('PATCH', `/files/tus/${id}`, Buffer.from(bytes), {
    ...{ ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
    ...headers,
  })
const offsetOf = async (id: string) =>
  (await ada.send('HEAD', `/files/tus/${id}`, undefined, tus)).headers['upload-offset']

/** The stock client; answers the file. */
function upload(bytes: Buffer | Readable, options: Partial<UploadOptions>, cutAt?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let isCut = false
    const sending: Upload = new Upload(bytes, {
      endpoint: `${proxy.url}api/v1/files/tus`,
      headers: credentials(),
      retryDelays: [0, 50, 100, 200, 400],
      onProgress: (sent) => {
        if (cutAt === undefined || isCut || sent < cutAt) return
        isCut = true
        proxy.cut()
      },
      onError: reject,
      onSuccess: () => resolve(idOf(sending.url)),
      ...options,
    })
    sending.start()
  })
}

describe('tus-js-client', () => {
  it('uploads a file that is one like any other', async () => {
    const bytes = randomBytes(3 * mebibyte)
    const metadata = { filename: '../holiday.bin', filetype: 'text/html', visibility: 'public' }
    const id = await upload(bytes, { metadata })
    const { json } = await ada.get(`/files/${id}`)
    expect(json).toMatchObject({
      ...{ id, name: 'holiday.bin', size: bytes.length, visibility: 'public', purpose: 'file' },
      ...{ content_type: 'application/octet-stream', sha256: createHash('sha256').update(bytes).digest('hex') },
    })
    expect((await app.visitor().get(json.url)).bytes.equals(bytes)).toBe(true)
    expect(await app.database.db.selectFrom('file_uploads').selectAll().execute()).toEqual([])
  })

  it('goes on where it was after the connection was cut, and all bytes are right', async () => {
    const bytes = randomBytes(24 * mebibyte)
    const id = await upload(bytes, {}, 6 * mebibyte)
    expect((await ada.get(`/files/${id}/content`)).bytes.equals(bytes)).toBe(true)
  })

  it('sends in pieces', async () => {
    const bytes = randomBytes(5 * mebibyte)
    const id = await upload(bytes, { chunkSize: mebibyte + 7 })
    expect((await ada.get(`/files/${id}/content`)).bytes.equals(bytes)).toBe(true)
  })

  it('gives up what it began', async () => {
    const id = await create(100)
    await Upload.terminate(`${proxy.url}api/v1/files/tus/${id}`, { headers: credentials() })
    expect((await ada.send('HEAD', `/files/tus/${id}`)).status).toBe(404)
  })
})

describe('the protocol', () => {
  it('creation: says where, until when, and what it can', async () => {
    const answer = await ada.send('POST', '/files/tus', undefined, { ...tus, 'upload-length': '5' })
    expect(answer.headers).toMatchObject({
      ...{ 'tus-resumable': '1.0.0', 'tus-max-size': String(64 * mebibyte), 'upload-offset': '0' },
      'tus-extension': 'creation,expiration,checksum,termination',
    })
    expect(String(answer.headers.location)).toMatch(/^\/api\/v1\/files\/tus\/[0-9a-f-]{36}$/)
    const left = Date.parse(String(answer.headers['upload-expires'])) - app.now().getTime()
    expect(left).toBeGreaterThan(86_000_000)
  })

  it.each([
    ['no length', {}, 400, 'bad_request'],
    ['a length that is no number', { 'upload-length': '1e3' }, 400, 'bad_request'],
    ['a length that is too large', { 'upload-length': String(64 * mebibyte + 1) }, 413, 'file_too_large'],
    ['more than there is room', { 'upload-length': String(60 * mebibyte), quota: '' }, 413, 'quota_exceeded'],
    ['another version', { 'upload-length': '1', 'tus-resumable': '0.2.2' }, 412, 'precondition_failed'],
    ['unreadable metadata', { 'upload-length': '1', 'upload-metadata': 'filename ?' }, 400, 'bad_request'],
    [
      'an unknown purpose',
      { 'upload-length': '1', 'upload-metadata': `purpose ${base64('avatar')}` },
      422,
      'validation_failed',
    ],
  ] as [string, Record<string, string>, number, string][])(
    'creation: %s',
    async (_name, { quota, ...headers }, status, code) => {
      const who = await app.person()
      if (quota !== undefined) for (let count = 0; count < 3; count++) await create(60 * mebibyte, {}, who)
      expect(outcome(await who.send('POST', '/files/tus', undefined, { ...tus, ...headers }))).toEqual([status, code])
    },
  )

  it('a file of no bytes is there at once', async () => {
    const id = await create(0, { filename: 'empty' })
    expect((await ada.get(`/files/${id}`)).json).toMatchObject({ size: 0, name: 'empty' })
  })

  it('takes bytes at the offset it has, and nowhere else', async () => {
    const id = await create(10)
    expect((await append(id, 0, 'abcde')).headers['upload-offset']).toBe('5')
    for (const offset of [0, 4, 6, 10]) {
      const answer = await append(id, offset, 'x')
      expect([...outcome(answer), answer.json.upload_offset]).toEqual([409, 'state_conflict', 5])
    }
    expect(outcome(await append(id, 5, 'fghijk'))).toEqual([413, 'file_too_large'])
    expect(await offsetOf(id)).toBe('5')
    expect((await append(id, 5, 'fghij')).status).toBe(204)
    expect((await ada.get(`/files/${id}/content`)).body).toBe('abcdefghij')
    expect(await offsetOf(id)).toBe('10')
    expect((await append(id, 10, '')).status).toBe(204)
  })

  it('checksum: keeps all of what is right, and nothing of what is not', async () => {
    const id = await create(10)
    const sum = (algorithm: string, text: string) =>
      `${algorithm} ${createHash(algorithm).update(text).digest('base64')}`
    for (const algorithm of ['sha1', 'sha256', 'md5']) {
      expect(outcome(await append(id, 0, 'abcde', { 'upload-checksum': sum(algorithm, 'abcdX') }))).toEqual([
        ...[460, 'checksum_mismatch'],
      ])
      expect(await offsetOf(id)).toBe('0')
    }
    expect(outcome(await append(id, 0, 'x', { 'upload-checksum': 'crc32 AAAA' }))).toEqual([400, 'bad_request'])
    expect((await append(id, 0, 'abcde', { 'upload-checksum': sum('sha1', 'abcde') })).status).toBe(204)
    expect((await append(id, 5, 'fghij', { 'upload-checksum': sum('sha256', 'fghij') })).status).toBe(204)
    expect((await ada.get(`/files/${id}/content`)).body).toBe('abcdefghij')
  })

  it('a digest of the whole that is wrong keeps nothing', async () => {
    const id = await create(3, { sha256: createHash('sha256').update('abd').digest('hex') })
    expect(outcome(await append(id, 0, 'abc'))).toEqual([460, 'checksum_mismatch'])
    expect((await ada.get(`/files/${id}`)).status).toBe(404)
    expect((await ada.send('HEAD', `/files/tus/${id}`)).status).toBe(404)
  })

  it('expiration: what waits for a day is gone, with its bytes and its share of the quota', async () => {
    const own = await createTestApp()
    const who = await own.person()
    const headers = { ...tus, 'upload-length': '100' }
    const made = await who.send('POST', '/files/tus', undefined, headers)
    const id = idOf(made.headers.location)
    expect(await own.services.files.usage(who.userId)).toMatchObject({ bytes: 100 })
    own.advance(86_401)
    await who.post('/auth/refresh')
    expect((await who.get(`/files/tus/${id}`)).json.code).toBe('gone')
    await own.services.files.sweep()
    expect((await who.get(`/files/tus/${id}`)).json.code).toBe('not_found')
    expect(await own.services.files.usage(who.userId)).toMatchObject({ bytes: 0 })
    await own.drop()
  })

  it('AZ2: somebody else’s upload is not there', async () => {
    const ben = await app.person()
    const id = await create(5)
    expect((await append(id, 0, 'abcde', {}, ben)).status).toBe(404)
    for (const method of ['HEAD', 'GET', 'DELETE'] as const) {
      expect((await ben.send(method, `/files/tus/${id}`)).status).toBe(404)
    }
    expect((await append(id, 0, 'abcde')).status).toBe(204)
    expect((await append(id, 0, 'abcde', {}, ben)).status).toBe(404)
  })

  it('what came before a cut is kept; who asks how far it is ends the request that hangs', async () => {
    const id = await create(mebibyte)
    const { hostname, port } = new URL(proxy.url)
    const headers = {
      ...credentials(),
      ...tus,
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    }
    const hanging = httpRequest({ hostname, port, method: 'PATCH', path: `/api/v1/files/tus/${id}`, headers })
    hanging.on('error', () => {})
    hanging.write(Buffer.alloc(300_000))
    const partial = () => app.database.db.selectFrom('file_uploads').select('received').where('id', '=', id).execute()
    // Asking ends it: first something of it has to be here.
    await expect.poll(() => partialSize(id), { timeout: 10_000 }).toBeGreaterThan(0)
    const offset = Number(await offsetOf(id))
    expect(await partial()).toEqual([{ received: offset }])
    hanging.destroy()
    expect((await append(id, offset, Buffer.alloc(mebibyte - offset))).status).toBe(204)
    expect((await ada.get(`/files/${id}`)).json.size).toBe(mebibyte)
  })
})
