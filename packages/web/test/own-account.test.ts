import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { codeAt, stepAt } from '../../server/src/modules/two-factor/totp.ts'
import { eventually, TestBench } from './browser.ts'
import { signIn, signOut, trySignIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

/** Each code counts once: a second one is that of the next half minute. */
const totpCode = (secret: string, ahead = 0) => codeAt(secret.replaceAll(' ', ''), stepAt(new Date()) + ahead)

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Somebody new, signed in, at this page. */
async function someone(name: string, path: string): Promise<{ page: Page; user: TestUser }> {
  const user = await bench.api.person(name)
  const { page } = await bench.profile()
  await signIn(page, user, path)
  return { page, user }
}

it('an authenticator app is set up, asked for at the next sign-in, and removed; the guide opens beside it', async () => {
  const { page, user } = await someone('tessa', '/account/security')
  await button(page, 'Set up an authenticator app').click()
  const secret = (await page.getByTestId('totp-secret').textContent()) ?? ''
  const picture = page.getByRole('img', { name: 'Picture to scan with the authenticator app' })
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  await page.getByLabel('Code from the app').fill('000000')
  await button(page, 'Turn it on').click()
  await page.getByText('That code didn’t work').waitFor()
  await page.getByLabel('Code from the app').fill(totpCode(secret))
  await button(page, 'Turn it on').click()

  const codes = page.getByTestId('recovery-codes').getByRole('listitem')
  await codes.first().waitFor()
  expect(await codes.count()).toBe(10)
  await page.keyboard.press('Escape')
  await button(page, 'I saved them').click()
  await page.getByText('10 codes left').waitFor()

  await page.getByRole('button', { name: /^Your menu/ }).click()
  const beside = page.context().waitForEvent('page')
  await page.getByRole('menuitem', { name: 'Guide' }).click()
  const guide = await beside
  await guide.getByRole('heading', { name: 'Documentation', level: 1 }).waitFor()
  await guide.close()
  await page.keyboard.press('Escape')

  await signOut(page)
  await trySignIn(page, user)
  await page.getByLabel('Code from the app').fill(totpCode(secret, 1))
  await button(page, 'Continue').click()
  await page.waitForURL('**/messages')

  await page.goto('/account/security')
  await button(page, 'Remove the authenticator app').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await button(page, 'Set up an authenticator app').waitFor()
})

it('a passkey is added, named anew and removed', async () => {
  const { page } = await someone('pia', '/account/security')
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await button(page, 'Add a passkey').click()
  await page.getByLabel('Name of the passkey').fill('My laptop')
  await button(page, 'Continue').click()
  await button(page, 'I saved them').click()
  const row = page.getByTestId('passkey')
  await row.filter({ hasText: 'My laptop' }).waitFor()

  await button(page, 'Rename the passkey My laptop').click()
  await page.getByLabel('Name of the passkey').fill('Desk')
  await page.keyboard.press('Enter')
  await row.filter({ hasText: 'Desk' }).waitFor()

  await button(page, 'Remove the passkey Desk').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('You have no passkey yet.').waitFor()
})

it('an API key is made, works, is replaced and revoked', async () => {
  const { page } = await someone('kim', '/account/api-keys')
  const reads = async (key: string) =>
    (await fetch(`${bench.server.url}/api/v1/users/me`, { headers: { 'x-api-key': key } })).status
  const shown = async () => {
    const key = await page.getByTestId('api-key-secret').textContent()
    await button(page, 'I saved it').click()
    return key ?? ''
  }
  await page.getByText('No keys yet').waitFor()
  await button(page, 'Create a key').click()
  await button(page, 'Create a key').click()
  await page.getByText('Please give the key a name.').waitFor()
  await page.getByText('Please choose at least one thing').waitFor()
  await page.getByLabel('Name').fill('Backup')
  await page.getByLabel('See your account').check()
  await page.getByLabel('Only from these addresses').fill('nowhere')
  await button(page, 'Create a key').click()
  await page.getByText('nowhere: ').waitFor()
  await page.getByLabel('Only from these addresses').fill('')
  await button(page, 'Create a key').click()
  const first = await shown()
  expect(await reads(first)).toBe(200)

  const row = page.getByTestId('api-key')
  await row.filter({ hasText: 'See your account' }).waitFor()
  await button(page, 'Replace the secret of Backup').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click()
  const second = await shown()
  expect([await reads(first), await reads(second)]).toEqual([401, 200])

  await button(page, 'Revoke Backup').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No keys yet').waitFor()
  expect(await reads(second)).toBe(401)
})

it('activity tells what happened in words, more of it on demand', async () => {
  const user = await bench.api.person('otto')
  for (let times = 0; times < 26; times++) {
    await bench.api.call('', 'POST', '/auth/login', {
      identifier: 'otto',
      password: user.password,
      token_delivery: 'body',
    })
  }
  const { page } = await bench.profile()
  await page.goto('/sign-in')
  await trySignIn(page, { username: 'otto', password: 'not the password' })
  await page.getByRole('alert').waitFor()
  await signIn(page, user, '/account/activity')
  const rows = page.getByTestId('activity')
  await rows.filter({ hasText: 'A sign-in didn’t work' }).filter({ hasText: 'Chrome on Linux' }).waitFor()
  expect(await rows.count()).toBe(25)
  await button(page, 'Show earlier activity').click()
  await rows.filter({ hasText: 'Account created' }).waitFor()
  await eventually(() => button(page, 'Show earlier activity').count()).toBe(0)
})

it('a username and an address are changed, an address asked for and not taken', async () => {
  const { page, user } = await someone('nell', '/account/profile')
  await button(page, 'Change the username').click()
  await page.getByLabel('New username').fill('nelly')
  await page.getByLabel('Your password').fill('not the password')
  await button(page, 'Change username').click()
  await page.getByText('That is not your password.').waitFor()
  await page.getByLabel('Your password').fill(user.password)
  await button(page, 'Change username').click()
  await page.getByText('@nelly').waitFor()

  await button(page, 'Change the email address').click()
  await page.getByLabel('New email address').fill('nelly@example.org')
  await page.getByLabel('Your password').fill(user.password)
  await button(page, 'Send the mail').click()
  await page.getByText('We mailed nelly@example.org').waitFor()
  await button(page, 'Keep the old address').click()
  await eventually(() => page.getByTestId('pending-email').count()).toBe(0)
  await page.getByText('nell@example.org', { exact: true }).waitFor()
})
