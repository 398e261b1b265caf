import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { looks, violations } from './axe.ts'
import { eventually, TestBench } from './browser.ts'
import { composer, demandIdentity, lockOut, openConversation, signIn, waitForMessage } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let anna: TestUser
let jonas: TestUser
beforeAll(async () => {
  bench = await TestBench.open()
  anna = await bench.api.person('anna', 'Anna')
  jonas = await bench.api.person('jonas', 'Jonas')
  const id = await bench.api.conversation(anna, jonas)
  await bench.api.send(anna, id, 'See https://example.org/plan')
  await bench.api.send(jonas, id, 'Thank you')
  await bench.api.send(jonas, id, 'Shall we meet?')
  const other = await bench.api.person('mira', 'Mira')
  await lockOut(bench.api, other)
  await bench.api.send(other, await bench.api.conversation(other, anna), 'Unread until it is opened')
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

describe.each(looks)('%s, around the sign-in', (_name, look) => {
  it('has no serious or critical axe finding on any page', async () => {
    const { page } = await bench.profile(look)
    const found: Record<string, string[]> = {}
    const check = async (name: string, address: string, ...presses: string[]) => {
      await page.goto(address)
      for (const name of presses) await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('main').waitFor()
      found[name] = await violations(page)
    }
    const second = '#mfa_token=unknown&methods=totp,recovery,passkey&expires_in=300'
    await check('an error of another site', '/sign-in?error=access_denied')
    await check('sign-in by mail, without an address', '/sign-in', 'Email me a link', 'Send me a link')
    await check('a link that is used up', '/sign-in#token=unknown', 'Sign in')
    await check('the second step, without a code', `/sign-in${second}`, 'Continue')
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    found['a recovery code'] = await violations(page)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    found['a passkey as the second step'] = await violations(page)
    await check('forgotten password', '/forgot-password')
    await page.getByLabel('Email', { exact: true }).fill('nobody@example.org')
    await page.getByRole('button', { name: 'Send me a link' }).click()
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
    found['a mail is on its way'] = await violations(page)
    await check('a new password', '/reset-password#token=unknown', 'Save new password')
    await check('confirming an address', '/verify-email#token=unknown', 'Confirm')
    await check('confirming an address with a code', '/verify-email')
    await check('unlocking', '/unlock#token=unknown', 'Unlock')
    await check('a link that is not complete', '/unlock')
    expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
  })
})

describe.each(looks)('%s', (_name, look) => {
  it('has no serious or critical axe finding on any page', async () => {
    const { page } = await bench.profile(look)
    const found: Record<string, string[]> = {}
    const check = async (name: string) => {
      found[name] = await violations(page)
    }
    await page.goto('/sign-up')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('Please choose a username.').waitFor()
    await check('sign-up with errors')
    await page.goto('/setup#token=abc')
    await page.getByRole('button', { name: 'Create administrator' }).waitFor()
    await check('setup')
    await page.goto('/nothing-here')
    await page.getByRole('heading').waitFor()
    await check('not found')
    await page.goto('/sign-in')
    await page.getByText('brand new').waitFor()
    await check('sign-in')

    await signIn(page, anna)
    await page.getByText('Unread until').waitFor()
    await check('conversations')
    await openConversation(page, 'Jonas')
    await waitForMessage(page, 'Shall we meet?')
    await check('conversation')
    await page.goto('/people')
    await page.getByRole('combobox').fill('jo')
    await page.getByRole('option').waitFor()
    await check('people')
    await page.goto('/files')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') })
    await page.getByTestId('file').first().waitFor()
    await check('files')
    await page.goto('/account/profile')
    await page.getByRole('button', { name: 'Save changes' }).waitFor()
    await check('profile')
    await page.getByRole('combobox', { name: 'Time zone' }).click()
    await page.getByRole('option').first().waitFor()
    await check('profile with an open list')
    await page.goto('/account/security')
    await page.getByRole('button', { name: 'Add a passkey' }).waitFor()
    await page.getByRole('button', { name: 'Set up an authenticator app' }).waitFor()
    await check('security')
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
    await page.getByTestId('totp-secret').waitFor()
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await check('security with open forms')
    await page.goto('/account/devices')
    await page.getByTestId('session').first().waitFor()
    await check('devices')
    await demandIdentity(page)
    await page.getByRole('button', { name: 'End all other sessions' }).click()
    await page.getByRole('dialog').getByLabel('Your password').waitFor()
    await check('confirming who one is')
    await page.goto('/account/api-keys')
    await page.getByText('No keys yet').waitFor()
    await check('API keys')
    await page.getByRole('button', { name: 'Create a key' }).click()
    await page.getByRole('button', { name: 'Create a key' }).click()
    await page.getByText('Please choose at least one thing').waitFor()
    await check('new API key with errors')
    await page.goto('/account/activity')
    await page.getByTestId('activity').first().waitFor()
    await check('activity')
    await page.goto('/confirm-email#token=unknown')
    await page.getByRole('button', { name: 'Use this address' }).click()
    await page.getByRole('alert').waitFor()
    await check('a new address')
    await page.goto('/account/appearance')
    await page.getByRole('radiogroup').waitFor()
    await check('appearance')
    await page.goto('/dev/mailbox')
    await page.getByText('to mira@example.org').first().waitFor()
    await check('mailbox')
    expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
  })
})

it('follows the system in light and dark, and remembers the choice', async () => {
  const { page } = await bench.profile({ dark: true })
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Switch to light' }).waitFor()
  expect(await scheme()).toBe('dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await eventually(scheme).toBe('light')
  await page.getByRole('button', { name: 'Switch to dark' }).click()
  expect(await scheme()).toBe('dark')
  await page.reload({ waitUntil: 'commit' })
  await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'dark')
})

it('shows one pane at a time on a phone, with a way back', async () => {
  const { page } = await bench.profile({ phone: true })
  await signIn(page, anna)
  await openConversation(page, 'Jonas')
  expect(await page.getByRole('navigation', { name: 'Conversations' }).isVisible()).toBe(false)
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  expect(isTooWide).toBe(false)
  await page.getByRole('link', { name: 'Back to conversations' }).click()
  await page.getByRole('navigation', { name: 'Conversations' }).waitFor()
  expect(await composer(page).isVisible()).toBe(false)
})

it('is usable with the keyboard alone', async () => {
  const { page } = await bench.profile()
  const keys = (...names: string[]) =>
    names.reduce((done, name) => done.then(() => page.keyboard.press(name)), Promise.resolve())
  const tabTo = async (what: string) => {
    for (let steps = 0; steps < 30; steps++) {
      const name = await page.evaluate(() => {
        const element = document.activeElement
        return element === document.body ? null : (element?.getAttribute('aria-label') ?? element?.textContent)
      })
      if (name?.includes(what)) return
      await keys('Tab')
    }
    throw new Error(`The tab key does not reach ${what}`)
  }
  await page.goto('/sign-in')
  await page.getByLabel('Username or email').waitFor()
  await page.keyboard.type('anna')
  await keys('Tab')
  await page.keyboard.type(anna.password)
  await keys('Enter')
  await page.getByRole('heading', { name: 'Messages', exact: true }).waitFor()
  await keys('Tab')
  await tabTo('Skip to the content')
  await tabTo('People')
  await keys('Enter')
  await page.waitForURL('**/people')
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox')
  await page.keyboard.type('jon')
  await page.getByRole('option', { name: /@jonas/ }).waitFor()
  await keys('ArrowDown', 'ArrowUp', 'Enter')
  await page.waitForURL(/\/messages\/.+/)
  await eventually(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
  await page.keyboard.type('Typed without a mouse')
  await keys('Enter')
  await waitForMessage(page, 'Typed without a mouse')
})

it('stands still for those who want it so', async () => {
  const { page } = await bench.profile({ reducedMotion: true })
  await page.goto('/sign-in')
  const button = page.getByRole('button', { name: 'Sign in' })
  expect(
    Number.parseFloat(await button.evaluate((element) => getComputedStyle(element).transitionDuration)),
  ).toBeLessThan(0.001)
})
