import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TestBench } from './browser.ts'
import { signIn, trySignIn } from './pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const isLeaving = (page: Page) => page.getByRole('heading', { name: 'Your account is on its way out' }).waitFor()

it('an account is deleted with its password and a word, shows nothing but the way back, and is taken back', async () => {
  const user = await bench.api.provedPerson('lea')
  const { page } = await bench.profile()
  await signIn(page, user, '/account/profile')
  await button(page, 'Delete my account…').click()
  const remove = button(page, 'Delete my account')
  await page.getByLabel('Type DELETE to confirm').fill('delete')
  await page.getByLabel('Your password').fill('not the password')
  expect(await remove.isDisabled()).toBe(true)
  await page.getByLabel('Type DELETE to confirm').fill('DELETE')
  await remove.click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Your password').fill(user.password)
  await remove.click()
  await isLeaving(page)

  for (const path of ['/messages', '/people', '/account/security']) {
    await page.goto(path)
    await isLeaving(page)
  }
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL('**/sign-in')
  await trySignIn(page, user)
  await isLeaving(page)
  await button(page, 'Keep my account').click()
  await page.getByText('Nothing here yet').first().waitFor()
  await page.goto('/account/profile')
  await page.getByText('@lea').first().waitFor()
})
