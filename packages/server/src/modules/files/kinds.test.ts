import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp()
  ada = await app.person('ada')
})
afterAll(() => app.drop())

const script = '<script>alert(document.domain)</script>'
const gif = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;', 'latin1')
const zip = (() => {
  const [name, data] = [Buffer.from('a.txt'), deflateRawSync('text')]
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(20, 4)
  head.writeUInt16LE(8, 8)
  head.writeUInt32LE(data.length, 18)
  head.writeUInt32LE(4, 22)
  head.writeUInt16LE(name.length, 26)
  return Buffer.concat([head, name, data])
})()

/** Content with the name and type it claims; what it is; whether a browser may show it. */
const corpus: [what: string, name: string, bytes: Buffer | string, type: string, shown: boolean][] = [
  ['HTML', 'page.html', `<!DOCTYPE html><html>${script}</html>`, 'text/html', false],
  ['HTML as a picture', 'cat.png', `<html>${script}`, 'text/html', false],
  ['HTML after a byte order mark', 'a.txt', `\ufeff<html>${script}`, 'text/html', false],
  ['a script tag in text', 'a.txt', `hello ${script}`, 'text/html', false],
  ['SVG with a script', 'logo.svg', `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`, 'image/svg+xml', false],
  ['SVG as a PNG', 'logo.png', `<?xml version="1.0"?><!-- x --><svg onload="alert(1)"/>`, 'image/svg+xml', false],
  ['XML', 'a.xml', '<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>', 'application/xml', false],
  [
    'XHTML',
    'a.xhtml',
    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`,
    'text/html',
    false,
  ],
  [
    'PDF',
    'a.pdf',
    '%PDF-1.7\n1 0 obj\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\nendobj',
    'application/pdf',
    false,
  ],
  ['a script', 'a.js', 'alert(document.cookie)', 'text/plain', true],
  ['a GIF that is a script too', 'a.js', Buffer.concat([gif, Buffer.from('/*x*/=1;alert(1)')]), 'image/gif', true],
  ['a program', 'a.png', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]), 'application/x-msdownload', false],
  ['an archive', 'a.txt', zip, 'application/zip', false],
  ['noise', 'a.jpg', Buffer.from([0, 1, 2, 3, 4, 5, 6, 255]), 'application/octet-stream', false],
  ['text in no encoding', 'a.txt', Buffer.from('caf\xe9 \x80', 'latin1'), 'application/octet-stream', false],
  ['a table', 'a.csv', 'id,name\n1,Ann', 'text/csv', false],
  ['JSON', 'a.json', '{"a":1}', 'application/json', false],
  ['JSON with markup', 'a.json', `{"a":"${script}"}`, 'text/html', false],
  ['text whose 64th KiB cuts a character', 'a.txt', `${'x'.repeat(64 * 1024 - 1)}é`, 'text/plain', true],
  ['nothing', 'a.png', '', 'text/plain', true],
]

describe('FI1 M45: what is uploaded runs nowhere', () => {
  it.each(corpus)('FI1: %s', async (_what, name, bytes, type, shown) => {
    const { json } = await upload(ada, { name, type: 'image/png', bytes }, { visibility: 'public' })
    expect(json.content_type).toBe(type)
    for (const headers of [{}, { range: 'bytes=0-6' }]) {
      const answer = await app.visitor().get(json.url, headers)
      if (answer.status === 416) continue
      expect(String(answer.headers['content-type'])).toContain(type)
      expect(String(answer.headers['content-disposition'])).toMatch(shown ? /^inline/ : /^attachment/)
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
    }
    const saved = await app.visitor().get(`${json.url}?download=true`)
    expect(String(saved.headers['content-disposition'])).toMatch(/^attachment/)
  })
})
