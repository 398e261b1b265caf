import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TestBench } from './browser.ts'
import { lockOut } from './pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

it('shows the mails of a development server, their links and their HTML, and can be emptied', async () => {
  const { page } = await bench.profile({ phone: true, dark: true })
  await page.goto('/dev/mailbox')
  await page.getByText('No mail yet').waitFor()

  await lockOut(bench.api, await bench.api.person('anna', 'Anna'))
  // The page finds new mail by itself.
  await page.getByText('to anna@example.org').first().waitFor()
  const link = page.getByRole('link', { name: '/unlock#token=' }).first()
  const [opened] = await Promise.all([page.waitForEvent('popup'), link.click()])
  expect(new URL(opened.url()).pathname).toBe('/unlock')
  await opened.close()

  // The newest is the first: the mail about the lock, above the one that registering wrote.
  await page.getByText('As HTML').first().click()
  const button = page.frameLocator('iframe').first().getByRole('link', { name: 'Unlock my account' })
  // Its own styles count inside the frame, though scripts and everything from elsewhere are shut out.
  expect(await button.evaluate((element) => getComputedStyle(element).display)).toBe('inline-block')
  expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false)

  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByText('No mail yet').waitFor()
})
