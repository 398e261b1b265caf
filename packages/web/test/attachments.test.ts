import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { picture } from '../../server/test/pictures.ts'
import { eventually, TestBench } from './browser.ts'
import { composer, openConversation, signIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

async function twoPeople(): Promise<[TestUser, TestUser]> {
  count += 1
  return [
    await bench.api.person(`anna${count}`, `Anna ${count}`),
    await bench.api.person(`jonas${count}`, `Jonas ${count}`),
  ]
}

describe('files in messages', () => {
  it.each(['drop', 'paste'] as const)('A picture comes by %s, is shown to the other one, and opened', async (way) => {
    const [anna, jonas] = await twoPeople()
    await bench.api.conversation(anna, jonas)
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, anna)
    await signIn(two.page, jonas)
    await openConversation(one.page, jonas.name)
    await openConversation(two.page, anna.name)
    const bytes = [...(await picture(600, 300))]
    const transfer = await one.page.evaluateHandle((content) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(content)], 'view.png', { type: 'image/png' }))
      return data
    }, bytes)
    if (way === 'drop') {
      await composer(one.page).dispatchEvent('dragover', { dataTransfer: transfer })
      await composer(one.page).dispatchEvent('drop', { dataTransfer: transfer })
    } else {
      await composer(one.page).evaluate((field, clipboardData) => {
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
      }, transfer)
    }
    await one.page.getByRole('list', { name: 'Files for this message' }).getByText('view.png').waitFor()
    await one.page.getByRole('button', { name: 'Send' }).click()
    const shown = two.page.getByRole('button', { name: 'Open view.png' })
    await shown.waitFor()
    await eventually(() => shown.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(
      0,
    )
    await shown.click()
    const viewer = two.page.getByRole('dialog', { name: 'Picture view.png' })
    await viewer.waitFor()
    await two.page.keyboard.press('+')
    await eventually(() => viewer.getByRole('button', { name: 'Smaller' }).isEnabled()).toBe(true)
    await two.page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'hidden' })
  })
})

describe('one’s picture', () => {
  it('is cut with the keyboard, kept, and shown', async () => {
    const [anna] = await twoPeople()
    const { page } = await bench.profile()
    await signIn(page, anna, '/account/profile')
    const file = { name: 'me.png', mimeType: 'image/png', buffer: await picture(400, 300) }
    await page.getByTestId('avatar-picker').setInputFiles(file)
    const view = page.getByRole('group', { name: /Picture; arrow keys/ })
    await view.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('+')
    await page.getByRole('button', { name: 'Save picture' }).click()
    await page.getByRole('button', { name: 'Remove picture' }).waitFor()
    expect(await page.locator('main img').first().getAttribute('src')).toContain('/api/v1/files/')
    await page.getByRole('button', { name: 'Remove picture' }).click()
    await page.getByRole('button', { name: 'Choose a picture' }).waitFor()
  })
})
