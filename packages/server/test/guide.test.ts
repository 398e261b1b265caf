import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import MiniSearch from 'minisearch'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildGuide } from '../../../scripts/guide/build-guide.mjs'
import { createTestApp, type TestApp } from './test-app.ts'

let app: TestApp
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-guide-'))
  buildGuide(folder)
  app = await createTestApp({}, { guideFolder: folder })
})
afterAll(async () => {
  await app.drop()
  rmSync(folder, { recursive: true })
})

it('the guide is served at /guide without anything inline, and each of its links leads to a page', async () => {
  const seen = new Map<string, string>()
  const waiting = ['/guide']
  for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
    if (seen.has(address)) continue
    const answer = await app.visitor().get(address)
    expect([address, answer.status]).toEqual([address, 200])
    seen.set(address, answer.body)
    if (!String(answer.headers['content-type']).includes('html')) continue
    expect(answer.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    expect(answer.body).not.toMatch(/<script(?![^>]*src=)|<style| style=| on[a-z]+="/)
    const links = [...answer.body.matchAll(/(?:href|src)="(\/guide[^"#]*)/g)].map(([, link = '']) => link)
    waiting.push(...links)
  }
  expect(seen.size).toBeGreaterThan(50)
  expect(seen.get('/guide/assets/favicon.svg')).toMatch(/^<svg /)
  for (const [, body] of seen)
    for (const [, link = '', anchor = ''] of body.matchAll(/href="(\/guide[^"#]*)#([^"]+)"/g))
      expect(seen.get(link), `${link}#${anchor}`).toContain(`id="${anchor}"`)
  for (const missing of ['/guide/nowhere', '/guide/../package.json', '/guide/%2e%2e/README.md', '/guide/.built-from'])
    expect((await app.visitor().get(missing)).status, missing).toBe(404)
})

it('the search of the guide finds pages by the words of people', async () => {
  const { body } = await app.visitor().get('/guide/assets/search.json')
  const index = MiniSearch.loadJSON(body, {
    fields: ['heading', 'title', 'text'],
    storeFields: ['title', 'heading', 'address'],
  })
  const first = (words: string) =>
    index.search(words, { prefix: true, fuzzy: 0.15, boost: { title: 2, heading: 3 } })[0]?.address
  expect(first('webhook')).toMatch(/^\/guide\/webhooks/)
  expect(first('password hashes')).toMatch(/^\/guide\/coming-from#password-hashes/)
  expect(first('modules of your own')).toMatch(/^\/guide\/modules/)
})
