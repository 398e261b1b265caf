import { randomBytes } from 'node:crypto'
import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { pieceBytes } from '../../platform/storage/file-sender.ts'

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp({ FILE_MAX_MB: '2' })
  ada = await app.person('ada')
})
afterAll(() => app.drop())

async function kept(size: number) {
  const bytes = randomBytes(size)
  const { json } = await upload(ada, { bytes })
  const folder = join(app.config.dataDir, 'files/objects')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const shorten = (left: number) => {
    for (const name of names.filter((each) => each.endsWith(json.id))) truncateSync(join(folder, name), left)
  }
  return { bytes, url: json.url as string, shorten }
}

describe('a download', () => {
  it.each([
    ...[1, 128 * 1024, 128 * 1024 + 1, pieceBytes - 1, pieceBytes, pieceBytes + 1],
    ...[2 * pieceBytes, 5 * pieceBytes + 7, 2 * 1024 * 1024],
  ])('of %i bytes is all of them', async (size) => {
    const { bytes, url } = await kept(size)
    const answer = await ada.get(url)
    expect([answer.status, answer.headers['content-length']]).toEqual([200, String(size)])
    expect(answer.bytes.equals(bytes)).toBe(true)
    const head = await ada.send('HEAD', url)
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, String(size), ''])
  })

  it('of a part is that part, wherever pieces end', async () => {
    const { bytes, url } = await kept(4 * pieceBytes + 3)
    const places = [0, 1, pieceBytes - 1, pieceBytes, 2 * pieceBytes + 1, 4 * pieceBytes + 2]
    for (const start of places) {
      for (const end of places.filter((place) => place >= start)) {
        const answer = await ada.get(url, { range: `bytes=${start}-${end}` })
        expect([answer.status, answer.headers['content-range']]).toEqual([206, `bytes ${start}-${end}/${bytes.length}`])
        expect(answer.bytes.equals(bytes.subarray(start, end + 1))).toBe(true)
      }
    }
  })

  it('of a file that is shorter on the disk is cut, and a problem where nothing was sent', async () => {
    const { url, shorten } = await kept(3 * pieceBytes)
    shorten(pieceBytes + 1)
    await expect(ada.get(url)).rejects.toThrow('destroyed before completion')
    shorten(0)
    const answer = await ada.get(url)
    expect([answer.status, answer.json.code]).toEqual([500, 'internal_error'])
  })
})
