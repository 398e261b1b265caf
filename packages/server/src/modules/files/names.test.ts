import { parse } from 'content-disposition'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { cleanName } from './names.ts'

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp()
  ada = await app.person('ada')
})
afterAll(() => app.drop())

describe('FI2: names', () => {
  it.each([
    ['../../x', 'x'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/etc/passwd', 'passwd'],
    ['..%2f..%2fx', '%2f..%2fx'],
    ['a\0.png', 'a.png'],
    ['CON', '_CON'],
    ['nul.tar.gz', '_nul.tar.gz'],
    ['console.log', 'console.log'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['a\r\nSet-Cookie: x=1.txt', 'aSet-Cookie: x=1.txt'],
    ['.htaccess', 'htaccess'],
    ['  ...  ', 'file'],
    ['', 'file'],
    ['\ud800', 'file'],
    ['e\u0301.txt', 'é.txt'],
    ['👩\u200d🚀.png', '👩\u200d🚀.png'],
    ['<img src=x onerror=alert(1)>.png', '<img src=x onerror=alert(1)>.png'],
    ['say "hi" & \'bye\'.txt', 'say "hi" & \'bye\'.txt'],
  ])('FI2: %j is kept as %j', (given, kept) => expect(cleanName(given)).toBe(kept))

  it('FI2: 300 characters and more become 255 bytes, whole characters with their extension', () => {
    expect(cleanName(`${'x'.repeat(300)}.jpeg`)).toBe(`${'x'.repeat(250)}.jpeg`)
    const family = '👨\u200d👩\u200d👧'
    const long = cleanName(`${family.repeat(50)}.png`)
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255)
    expect(long).toBe(`${family.repeat(13)}.png`)
  })

  it.each([
    'a b.txt',
    'räksmörgås €.txt',
    'say "hi";.txt',
    "it's 100%.txt",
    'עברית.txt',
    '日本語🚀.txt',
    '=?UTF-8?Q?x?=.txt',
  ])('FI2: %s comes back in one header that holds it', async (name) => {
    const { json } = await upload(ada, { bytes: 'x' })
    await ada.patch(`/files/${json.id}`, { name })
    const { headers } = await ada.get(json.url)
    const header = String(headers['content-disposition'])
    expect(header).toMatch(/^[\x20-\x7e]+$/)
    expect(parse(header)).toMatchObject({ type: 'inline', parameters: { filename: name } })
    expect(headers['set-cookie']).toBe(undefined)
  })
})
