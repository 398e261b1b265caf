import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TestBench } from './browser.ts'
import { fillNewAccount, signIn, trySignIn } from './pages.ts'
import { tokenOf } from './server.ts'

/** A server that lets nobody in before their address is confirmed. */
let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open({ EMAIL_VERIFICATION: 'required', GUEST_ACCOUNTS: 'true' })
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const newcomer = (username: string) => ({
  username,
  email: `${username}@example.org`,
  password: 'quiet garden walls',
})

async function register(page: Page, account: ReturnType<typeof newcomer>): Promise<void> {
  await page.goto('/sign-up')
  await fillNewAccount(page, account)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
}

it('a new account is confirmed with the link in the mailbox of the development server', async () => {
  const anna = newcomer('anna')
  const { page } = await bench.profile()
  await register(page, anna)
  await page.goto('/sign-in')
  await trySignIn(page, anna)
  await page.getByRole('alert').filter({ hasText: 'not confirmed yet' }).waitFor()

  await page.goto('/dev/mailbox')
  const opening = page.context().waitForEvent('page')
  await page
    .getByRole('link', { name: /\/verify-email#token=/ })
    .first()
    .click()
  const opened = await opening
  await opened.getByRole('button', { name: 'Confirm' }).waitFor()
  expect(opened.url()).not.toContain('token')
  await opened.getByRole('button', { name: 'Confirm' }).click()
  await opened.getByRole('heading', { name: 'Thank you, that worked' }).waitFor()
  await opened.getByRole('link', { name: 'Sign in' }).click()
  await trySignIn(opened, anna)
  await opened.waitForURL('**/messages')
  expect(await opened.getByTestId('account-notice').count()).toBe(0)
})

it('the code of the mail leads right in, after a wrong one', async () => {
  const { page } = await bench.profile()
  await register(page, newcomer('bela'))
  const { code } = await bench.api.mail('bela@example.org', 'verify-email')
  await page.getByLabel('Code from the mail').fill(code === '00000000' ? '11111111' : '00000000')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText(/You have \d tries left/).waitFor()
  await page.getByLabel('Code from the mail').fill(`${code.slice(0, 4)} ${code.slice(4)}`)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.waitForURL('**/messages')
})

it('in another browser the link asks for the password too, and opening it uses nothing up', async () => {
  const carl = newcomer('carl')
  const { page } = await bench.profile()
  await register(page, carl)
  const { link } = await bench.api.mail(carl.email, 'verify-email')

  const elsewhere = (await bench.profile()).page
  await elsewhere.goto(link)
  await elsewhere.getByRole('button', { name: 'Confirm' }).click()
  await elsewhere.getByText('isn’t the browser you signed up with').waitFor()
  await elsewhere.getByLabel('Password of the account').fill('not the password')
  await elsewhere.getByRole('button', { name: 'Confirm' }).click()
  await elsewhere.getByText('That is not the password').waitFor()
  await elsewhere.getByLabel('Password of the account').fill(carl.password)
  await elsewhere.getByRole('button', { name: 'Confirm' }).click()
  await elsewhere.getByRole('heading', { name: 'Thank you, that worked' }).waitFor()
  await signIn(elsewhere, carl)

  await page.goto(link)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('alert').filter({ hasText: 'can’t be used any more' }).waitFor()
  expect(tokenOf(link)).not.toBe('')
})

it('a guest goes on as one until the address is confirmed, and is led right in then', async () => {
  const hanna = newcomer('hanna')
  const { page } = await bench.profile()
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'look around as a guest' }).click()
  await page.waitForURL('**/messages')
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByRole('heading', { name: 'Keep what you have' }).waitFor()
  await fillNewAccount(page, { ...hanna, email: 'a-slip@example.org' })
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
  await page.goto('/messages')
  await page.getByText('You are looking around as a guest').waitFor()

  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByRole('heading', { name: 'Keep what you have' }).waitFor()
  await fillNewAccount(page, hanna)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
  await page.getByLabel('Code from the mail').fill((await bench.api.mail(hanna.email, 'verify-email')).code)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.waitForURL('**/messages')
  await page.goto('/account/profile')
  await page.getByText('@hanna').first().waitFor()
  expect(await page.getByTestId('account-notice').count()).toBe(0)
})
