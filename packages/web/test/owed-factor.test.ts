import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { codeAt, stepAt } from '../../server/src/modules/two-factor/totp.ts'
import { TestBench } from './browser.ts'
import { fillNewAccount } from './pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open({ REQUIRE_MFA: 'admins' })
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const admin = { username: 'dora', email: 'dora@example.org', password: 'first stone of the house' }

it('who owes a second factor is led to it and goes on from there; who acts as somebody sees it and stops', async () => {
  const ann = await bench.api.person('ann', 'Ann')
  const { page } = await bench.profile()
  await page.goto(bench.server.setupLink ?? '')
  await fillNewAccount(page, admin)
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  await page.goto('/people')
  await page.getByRole('heading', { name: 'One more step' }).waitFor()

  await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
  const secret = ((await page.getByTestId('totp-secret').textContent()) ?? '').replaceAll(' ', '')
  await page.getByLabel('Code from the app').fill(codeAt(secret, stepAt(new Date())))
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByRole('button', { name: 'I saved them' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('combobox', { name: 'Search for people' }).waitFor()

  const status = await page.evaluate(async (id) => {
    const { csrf_access_token } = await (await fetch('/api/v1/auth/csrf')).json()
    const answer = await fetch(`/api/v1/admin/users/${id}/impersonate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf_access_token },
      body: JSON.stringify({ reason: 'To see what Ann sees' }),
    })
    return answer.status
  }, ann.id)
  expect(status).toBe(200)
  await page.goto('/account/profile')
  await page.getByText('You act as Ann.').waitFor()
  expect(await page.getByRole('link', { name: 'Security' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Stop acting as Ann' }).click()
  await page.waitForURL('**/messages')
  await page.goto('/account/profile')
  await page.getByText('@dora').first().waitFor()
  expect(await page.getByTestId('impersonation').count()).toBe(0)
})
