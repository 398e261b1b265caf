import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { confirmIdentity, demandIdentity, openDevices, sessionRows, signIn, trySignIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let anna: TestUser
beforeAll(async () => {
  bench = await TestBench.open()
  anna = await bench.api.person('anna', 'Anna')
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

it('the other device is named in plain words, and ending its session closes it within a second', async () => {
  const here = await bench.profile()
  const there = await bench.profile()
  await signIn(there.page, anna)
  await signIn(here.page, anna)
  await openDevices(here.page)
  const current = sessionRows(here.page).filter({ hasText: 'This device' })
  expect(await current.count()).toBe(1)
  expect(await current.textContent()).toContain('Chrome on Linux')

  const other = sessionRows(here.page).filter({ hasNotText: 'This device' }).filter({ hasText: 'Chrome on Linux' })
  await other.getByRole('button', { name: 'End session on Chrome on Linux' }).click()
  const started = Date.now()
  await there.page.waitForURL('**/sign-in**', { timeout: 5_000 })
  expect(Date.now() - started).toBeLessThan(1_000)
  await there.page.getByText('because this session was ended from another device').waitFor()
  await eventually(() => other.count()).toBe(0)

  // Back to where the person was.
  await trySignIn(there.page, anna)
  await there.page.waitForURL('**/messages')
})

it('ends all others at once and asks for the password where the server wants it', async () => {
  const here = await bench.profile()
  const there = await bench.profile()
  await signIn(there.page, anna)
  await signIn(here.page, anna)
  await openDevices(here.page)
  await demandIdentity(here.page)
  await here.page.getByRole('button', { name: 'End all other sessions' }).click()
  await confirmIdentity(here.page, 'not the password')
  await here.page.getByText('That is not your password').waitFor()
  await confirmIdentity(here.page, anna.password)
  await here.page.getByText(/other sessions? ha(s|ve) ended/).waitFor()
  await there.page.waitForURL('**/sign-in**')
  await here.page.getByText('You aren’t signed in anywhere else').waitFor()
})

it('a new password keeps this device and signs the others out', async () => {
  const here = await bench.profile()
  const there = await bench.profile()
  await signIn(there.page, anna)
  await signIn(here.page, anna, '/account/security')
  const submit = here.page.getByRole('button', { name: 'Change password' })
  await here.page.getByLabel('Current password').fill('not the password')
  await here.page.getByLabel('New password').fill('short')
  await submit.click()
  await here.page.getByText('This is not your current password').waitFor()
  await here.page.getByLabel('Current password').fill(anna.password)
  await submit.click()
  await eventually(() => here.page.getByLabel('New password').getAttribute('aria-invalid')).toBe('true')
  await here.page.getByLabel('New password').fill('a better sentence')
  await submit.click()
  await here.page.getByText('Your password is changed').waitFor()
  await there.page.waitForURL('**/sign-in**')
  await there.page.getByText('because your password was changed').waitFor()
  await trySignIn(there.page, { username: 'anna', password: 'a better sentence' })
  await there.page.waitForURL('**/messages')
})
