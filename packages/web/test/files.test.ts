import { createHash, randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { signIn } from './pages.ts'

let bench: TestBench
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const tree = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
  'base64',
)
const open = async (options = {}) => {
  count += 1
  const person = await bench.api.person(`filer${count}`, `Filer ${count}`)
  const { page } = await bench.profile(options)
  await signIn(page, person)
  await page.getByRole('link', { name: 'Files', exact: true }).click()
  await page.getByRole('heading', { name: 'Files' }).waitFor()
  return page
}
const choose = (page: Page, name: string, buffer: Buffer) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
const file = (page: Page, name: string) => page.getByTestId('file').filter({ hasText: name })
const menu = async (page: Page, name: string, item: string) => {
  await page.getByRole('button', { name: `More about ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

describe('files', () => {
  it('are uploaded, renamed, shared and deleted', async () => {
    const page = await open()
    await page.getByText('No files yet').waitFor()
    await choose(page, 'plan.txt', Buffer.from('the plan'))
    await file(page, 'plan.txt').getByText('8 bytes').waitFor()
    await page.getByText(/8 bytes of .* used/).waitFor()

    await menu(page, 'plan.txt', 'Rename…')
    await page.getByLabel('Name', { exact: true }).fill('better.txt')
    await page.getByRole('button', { name: 'Save' }).click()
    await file(page, 'better.txt').waitFor()
    await menu(page, 'better.txt', 'Let everyone with the link see it')
    await file(page, 'better.txt').getByText('Everyone with the link').waitFor()

    await menu(page, 'better.txt', 'Delete…')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('No files yet').waitFor()
  })

  it('F02: appear in another tab by themselves, pictures as pictures', async () => {
    const page = await open()
    await page.getByText('No files yet').waitFor()
    const other = await page.context().newPage()
    await other.goto('/files')
    await other.getByText('No files yet').waitFor()
    await choose(page, 'tree.png', tree)
    const picture = file(other, 'tree.png').locator('img')
    await picture.waitFor()
    await eventually(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
    await choose(page, 'notes.txt', Buffer.from('notes'))
    await file(other, 'notes.txt').waitFor()
    expect(await file(other, 'notes.txt').locator('img').count()).toBe(0)
  })

  it('go on uploading after the connection was cut, and come whole', async () => {
    const page = await open()
    const bytes = randomBytes(6 * 1024 * 1024)
    let pieces = 0
    await page.route('**/api/v1/files/tus/*', async (route) => {
      if (route.request().method() === 'PATCH') pieces += 1
      if (pieces !== 3) return route.continue()
      await page.context().setOffline(true)
      return route.abort()
    })
    await choose(page, 'large.bin', bytes)
    await page.getByText('The connection is interrupted.').waitFor()
    pieces = 100
    await page.context().setOffline(false)
    await file(page, 'large.bin').waitFor({ timeout: 20_000 })
    const sent = await page.evaluate(async () => (await fetch('/api/v1/files')).json())
    expect(sent.data[0].sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    await eventually(() => page.getByTestId('upload').count()).toBe(0)
  })

  it('are dropped on the page, on a phone too it fits', async () => {
    const page = await open({ phone: true })
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.items.add(new File(['dropped'], 'a-rather-long-name-of-a-file-that-somebody-dropped.txt'))
      document.querySelector('h1')?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }))
    })
    await file(page, 'somebody-dropped.txt').waitFor()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
  })
})
