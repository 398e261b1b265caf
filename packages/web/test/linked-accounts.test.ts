import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, it } from 'vitest'
import { TestBench } from './browser.ts'
import { signIn } from './pages.ts'

/** With the provider every development server has. */
let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
const confirmUnlink = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click()

/** On the page of the other site. */
async function comeBack(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail', { exact: true }).fill(email)
  await button(page, 'Sign in').click()
}

async function signInElsewhere(page: Page, email: string): Promise<void> {
  await page.goto('/sign-in')
  await page.getByRole('link', { name: /^Continue with/ }).click()
  await comeBack(page, email)
}

it('an account of another site is linked, signs in, and is unlinked', async () => {
  const user = await bench.api.provedPerson('lina')
  const { page } = await bench.profile()
  await signIn(page, user, '/account/security')
  await button(page, /^Link /).click()
  await comeBack(page, 'somebody-else@example.com')
  await page.waitForURL('**/account/security')
  await page.getByText('Linked as somebody-else@example.com').waitFor()

  const other = (await bench.profile()).page
  await signInElsewhere(other, 'somebody-else@example.com')
  await other.waitForURL('**/messages')
  await other.goto('/account/profile')
  await other.getByText('@lina').first().waitFor()

  await button(page, /^Unlink /).click()
  await confirmUnlink(page)
  await page.getByText('Not linked', { exact: true }).waitFor()
})

it('a link that goes wrong on the other site says so, and links nothing', async () => {
  const { page } = await bench.profile()
  await signIn(page, await bench.api.person('lotte'))
  await page.goto('/account/security')
  await button(page, /^Link /).click()
  await page.getByLabel('Deny').check()
  await comeBack(page, 'lotte@example.com')
  await page.waitForURL('**/account/security**')
  await page.getByText('Not linked', { exact: true }).waitFor()
})

it('who came from another site sets a first password, and only then gives up the other way in', async () => {
  const { page } = await bench.profile()
  await signInElsewhere(page, 'gita@example.com')
  await page.waitForURL('**/messages')
  await page.goto('/account/security')
  await button(page, /^Unlink /).click()
  await confirmUnlink(page)
  await page.getByText('This is your only way to sign in').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()

  await page.getByLabel('New password').fill('short')
  await button(page, 'Set password').click()
  await page.getByText('Password must be at least 8 characters').waitFor()
  await page.getByLabel('New password').fill('a first wall of stones')
  await button(page, 'Set password').click()
  await page.getByLabel('Current password').waitFor()
  await button(page, /^Unlink /).click()
  await confirmUnlink(page)
  await page.getByText('Not linked', { exact: true }).waitFor()

  await signIn((await bench.profile()).page, { username: 'gita@example.com', password: 'a first wall of stones' })
})
