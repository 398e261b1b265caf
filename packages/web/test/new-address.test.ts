import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { signIn, trySignIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Somebody who is signed in here, and in the other browser, and asks for another address. */
async function asking(name: string): Promise<{ user: TestUser; page: Page; other: Page; address: string }> {
  const user = await bench.api.provedPerson(name)
  const [{ page }, { page: other }] = [await bench.profile(), await bench.profile()]
  await signIn(other, user)
  await signIn(page, user)
  const address = `${name}.new@example.org`
  await page.goto('/account/profile')
  await button(page, 'Change the email address').click()
  await page.getByLabel('New email address').fill(address)
  await page.getByLabel('Your password').fill(user.password)
  await button(page, 'Send the mail').click()
  await page.getByText(`We mailed ${address}`).waitFor()
  return { user, page, other, address }
}

it('a new address is confirmed with the code of its mail, which signs the other devices out', async () => {
  const { user, page, other, address } = await asking('cora')
  await bench.api.mail(user.email)
  const { code } = await bench.api.mail(address)
  await page.getByLabel('Code from the mail').fill(code === '00000000' ? '11111111' : '00000000')
  await button(page, 'Use this address').click()
  await page.getByText(/You have \d tries left/).waitFor()
  await page.getByLabel('Code from the mail').fill(code)
  await button(page, 'Use this address').click()
  await page.getByText(address, { exact: true }).waitFor()
  await eventually(() => page.getByTestId('pending-email').count()).toBe(0)
  await other.waitForURL('**/sign-in**')
  await trySignIn(other, { username: address, password: user.password })
  await other.waitForURL('**/messages')
})

it('the link of the mail asks for a press, counts for the account that asked, and once', async () => {
  const { page, address } = await asking('cyril')
  const { link } = await bench.api.mail(address, 'confirm-email')
  const stranger = (await bench.profile()).page
  await signIn(stranger, await bench.api.person('cyrus'))
  await stranger.goto(link)
  await button(stranger, 'Use this address').click()
  await stranger.getByText('This link can’t be used any more').waitFor()

  await page.goto(link)
  await button(page, 'Use this address').waitFor()
  expect(page.url()).not.toContain('token')
  await button(page, 'Use this address').click()
  await page.getByText('Your new address is in use').waitFor()
  await page.getByText(`From now on our mails go to ${address}`).waitFor()
  await page.goto('/people')
  await page.goto(link)
  await button(page, 'Use this address').click()
  await page.getByText('This link can’t be used any more').waitFor()
})
