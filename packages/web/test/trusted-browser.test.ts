import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { addApp } from './authenticator.ts'
import { TestBench } from './browser.ts'
import { signOut, trySignIn } from './pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

/** Signs in with both steps, and says that this browser need not ask again. */
async function trust(page: Page, user: { username: string; password: string }, code: string): Promise<void> {
  await page.goto('/sign-in')
  await trySignIn(page, user)
  await page.getByLabel('Code from the app').fill(code)
  await page.getByLabel('Don’t ask on this browser').check()
  await button(page, 'Continue').click()
  await page.waitForURL('**/messages')
}

it('a trusted browser is listed, and asked again once it is forgotten', async () => {
  const tilda = await bench.api.person('tilda')
  const app = await addApp(bench.api, tilda)
  const { page } = await bench.profile()
  await trust(page, tilda, app.code())
  await page.goto('/account/devices')
  await page.getByText(/^Until .*, /).waitFor()
  await button(page, /^Ask for the second step again on /).click()
  await page.getByText('There are none.').waitFor()
  await signOut(page)
  await trySignIn(page, tilda)
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
})

/** As for a session that has never shown a second factor, though the account has one. */
async function demandSecondFactor(page: Page): Promise<void> {
  const body = JSON.stringify({
    type: '/problems/reauthentication_required',
    title: 'Please confirm that it is you',
    status: 403,
    detail: 'Confirm with your second factor first',
    instance: '/api/v1/users/me/mfa/recovery-codes',
    code: 'reauthentication_required',
    request_id: 'test-request',
    required_aal: 2,
  })
  const answer = { status: 403, contentType: 'application/problem+json', body }
  await page.route('**/api/v1/users/me/mfa/recovery-codes', (route) => route.fulfill(answer), { times: 1 })
}

it('where only a second factor will do, the password is not offered', async () => {
  const theo = await bench.api.person('theo')
  const app = await addApp(bench.api, theo)
  const { page } = await bench.profile()
  await trust(page, theo, app.code())
  await page.goto('/account/security')
  await demandSecondFactor(page)
  await button(page, 'Make new recovery codes').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make new ones' }).click()

  const dialog = page.getByRole('dialog', { name: 'Please confirm that it is you' })
  await dialog.getByLabel('Code from the app').fill('000000')
  expect(await dialog.getByLabel('Your password').count()).toBe(0)
  expect(await dialog.getByRole('button', { name: 'Use your password' }).count()).toBe(0)
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await dialog.getByText('That code didn’t work').waitFor()
  await dialog.getByLabel('Code from the app').fill(app.code())
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await page.getByTestId('recovery-codes').getByRole('listitem').first().waitFor()
})
