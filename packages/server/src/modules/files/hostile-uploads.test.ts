import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileForm } from '../../../test/file-form.ts'
import { exchange, request } from '../../../test/raw-http.ts'
import { listed } from '../../../test/stored-objects.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

const mebibyte = 1024 * 1024

let app: TestApp
let ada: Visitor
let port: number
beforeAll(async () => {
  app = await createTestApp({ PORT: '0', FILE_MAX_MB: '2' })
  port = await app.listen()
  ada = await app.person('ada')
})
afterAll(() => app.drop())

const { type, body } = fileForm([['file', { name: 'a.txt', bytes: 'x'.repeat(mebibyte) }]])
const lines = () => [
  `Cookie: ${ada.cookieHeader}`,
  `X-CSRF-TOKEN: ${ada.csrf?.csrf_access_token}`,
  `Content-Type: ${type}`,
]
const incoming = () => readdirSync(join(app.config.dataDir, 'files/incoming'))
const objects = () => listed(app.services.files.storage)
const uploads = () => app.database.db.selectFrom('file_uploads').selectAll().execute()
const usage = async () => (await ada.get('/files')).json.usage.bytes

describe('M48 FI3: what is declared and what comes', () => {
  it('M48: 10 GB declared are refused before a byte of them', async () => {
    const answer = await exchange(port, request('POST /api/v1/files', [...lines(), 'Content-Length: 10737418240']))
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([413, 'file_too_large'])
    expect(await uploads()).toEqual([])
  })

  it('FI3: without a declared length the limit counts what comes', async () => {
    const large = fileForm([['file', { bytes: Buffer.alloc(3 * mebibyte) }]]).body
    const chunked = Buffer.concat([
      Buffer.from(`${large.length.toString(16)}\r\n`),
      large,
      Buffer.from('\r\n0\r\n\r\n'),
    ])
    const head = request('POST /api/v1/files', [...lines(), 'Transfer-Encoding: chunked'])
    const answer = await exchange(port, Buffer.concat([Buffer.from(head), chunked]))
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([413, 'file_too_large'])
    expect([await uploads(), incoming(), await usage()]).toEqual([[], [], 0])
  })

  it('M48: cut at 99 %, a hundred times: nothing stays, and nothing is held of the quota', async () => {
    const head = Buffer.from(request('POST /api/v1/files', [...lines(), `Content-Length: ${body.length}`]))
    const cut = body.subarray(0, Math.floor(body.length * 0.99))
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 10 }, () => sendAndHangUp(Buffer.concat([head, cut]))))
    }
    await expect.poll(async () => [await uploads(), incoming()], { timeout: 10_000 }).toEqual([[], []])
    await app.services.fileRemovals.settled()
    expect(await objects()).toEqual([])
    expect(await usage()).toBe(0)
  })

  /** Closes once the server has begun to keep it. */
  function sendAndHangUp(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => socket.destroy()))
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  }
})

it('FI3: what a killed process left is cleared away, and its quota given back', async () => {
  const { files } = app.services
  const upload = { ownerId: ada.userId, name: 'a', purpose: 'file', visibility: 'private' } as const
  const staged = await files.uploads.stage({ ...upload, atLeast: 1000 }, [Buffer.from('left behind')])
  expect(await usage()).toBe(1000)
  await files.sweep()
  expect(await usage()).toBe(1000)
  app.advance(181)
  await files.sweep()
  await app.services.fileRemovals.settled()
  expect(await files.storage.find(staged.storageKey)).toBe(undefined)
  expect(await files.usage(ada.userId)).toMatchObject({ bytes: 0 })
})
