import type { Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addApp } from './authenticator.ts'
import { TestBench } from './browser.ts'
import { demandIdentity, fillNewAccount, openDevices, signIn, trySignIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open({ GUEST_ACCOUNTS: 'true', ACCOUNT_LOCKOUT_THRESHOLD: '3' })
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const said = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text })

describe('by mail', () => {
  it('a forgotten password is replaced by the link of the mail, once', async () => {
    const anna = await bench.api.provedPerson('anna')
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    await page.getByRole('link', { name: 'Forgot it?' }).click()
    await page.getByLabel('Email', { exact: true }).fill(anna.email)
    await button(page, 'Send me a link').click()
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor()

    const { link } = await bench.api.mail(anna.email, 'reset-password')
    await page.goto(link)
    await page.getByLabel('New password').fill('short')
    expect(page.url()).not.toContain('token')
    await button(page, 'Save new password').click()
    await page.getByText('Password must be at least 8 characters').waitFor()
    await page.getByLabel('New password').fill('a new wall of old stones')
    await button(page, 'Save new password').click()
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    await signIn(page, { ...anna, password: 'a new wall of old stones' })

    const other = (await bench.profile()).page
    await other.goto(link)
    await other.getByLabel('New password').fill('another wall of stones')
    await button(other, 'Save new password').click()
    await said(other, 'can’t be used any more').waitFor()
  })

  it('a link signs in at a press, and the code of the same mail no longer does', async () => {
    const bela = await bench.api.provedPerson('bela')
    const { page } = await bench.profile()
    const ask = async () => {
      await page.goto('/sign-in')
      await page.getByLabel('Username or email').fill(bela.email)
      await button(page, 'Email me a link').click()
      expect(await page.getByLabel('Email', { exact: true }).inputValue()).toBe(bela.email)
      await button(page, 'Send me a link').click()
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
      return bench.api.mail(bela.email, 'sign-in')
    }
    const first = await ask()
    const elsewhere = (await bench.profile()).page
    await elsewhere.goto(first.link)
    await elsewhere.getByRole('heading', { name: 'Almost there' }).waitFor()
    expect(elsewhere.url()).not.toContain('token')
    await button(elsewhere, 'Sign in').click()
    await elsewhere.waitForURL('**/messages')
    await page.getByLabel('Code from the mail').fill(first.code)
    await button(page, 'Sign in').click()
    await page.getByText('can’t be used any more').waitFor()

    await page.getByLabel('Code from the mail').fill((await ask()).code)
    await button(page, 'Sign in').click()
    await page.waitForURL('**/messages')
  })

  it('a door that was locked after wrong passwords says until when, and the mail opens it', async () => {
    const carl = await bench.api.provedPerson('carl')
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    for (let tries = 0; tries < 3; tries++) {
      await trySignIn(page, { ...carl, password: 'not the password' })
      await said(page, 'don’t match').waitFor()
      await page.getByLabel('Password', { exact: true }).fill('')
    }
    await trySignIn(page, carl)
    await said(page, 'resting until').waitFor()

    await page.goto((await bench.api.mail(carl.email, 'unlock')).link)
    await button(page, 'Unlock').click()
    await page.getByRole('heading', { name: 'The door is open' }).waitFor()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await trySignIn(page, carl)
    await page.waitForURL('**/messages')
  })
})

describe('with a second step', () => {
  it('a code of the app, or a recovery code; a trusted browser is not asked again', async () => {
    const dana = await bench.api.person('dana')
    const app = await addApp(bench.api, dana)
    const { page } = await bench.profile()
    await page.goto('/people')
    await page.waitForURL('**/sign-in?to=*')
    await trySignIn(page, dana)
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    await button(page, 'Continue').click()
    await page.getByText('Please enter the six digits').waitFor()
    await page.getByLabel('Code from the app').fill('000000')
    await button(page, 'Continue').click()
    await page.getByText('That code didn’t work').waitFor()
    await page.getByLabel('Code from the app').fill(app.code())
    await page.getByLabel('Don’t ask on this browser').check()
    await button(page, 'Continue').click()
    await page.waitForURL('**/people')

    await page.context().clearCookies({ name: 'access_token_cookie' })
    await page.context().clearCookies({ name: 'refresh_token_cookie' })
    await signIn(page, dana)

    const elsewhere = (await bench.profile()).page
    await elsewhere.goto('/sign-in')
    await trySignIn(elsewhere, dana)
    await button(elsewhere, 'Use a recovery code').click()
    await elsewhere.getByLabel('Recovery code').fill(app.recoveryCodes[0] ?? '')
    await button(elsewhere, 'Continue').click()
    await elsewhere.waitForURL('**/messages')
  })

  it('a passkey: alone, as the second step, and to say again who one is', async () => {
    const emil = await bench.api.person('emil')
    const { page } = await bench.profile()
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await page.goto('/forgot-password')
    await addPasskey(page, emil)

    // Nobody touches the key while the field offers it.
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false })
    await page.goto('/sign-in')
    await trySignIn(page, emil)
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true })
    await button(page, 'Use a passkey').click()
    await page.waitForURL('**/messages')
    await page.goto('/account')
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false })
    const options = '**/api/v1/auth/passkey/options'
    const offer = await holdFirst(page, options)
    await button(page, 'Sign out').click()
    await page.waitForURL('**/sign-in')
    // The button is pressed while the field's own question is still on its way, and keeps its turn when that arrives.
    await offer.isHeld
    const asked = page.waitForResponse(options)
    await button(page, 'Use a passkey').click()
    await asked
    await offer.letGo()
    await page.evaluate(async () => {
      for (let frame = 0; frame < 5; frame += 1) await new Promise(requestAnimationFrame)
    })
    expect(await button(page, 'Use a passkey').getAttribute('data-loading')).toBe('true')

    await Promise.all([page.waitForResponse(options), page.reload()])
    // The key of the browser looks once, when it is asked, whether somebody touches it.
    const question = await holdFirst(page, options)
    await button(page, 'Use a passkey').click()
    await question.isHeld
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true })
    await question.letGo()
    await page.waitForURL('**/messages')

    await openDevices(page)
    await demandIdentity(page)
    await button(page, 'End all other sessions').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('You aren’t signed in anywhere else').waitFor()
  })
})

/** The first request stays out until it is let go, which ends when its answer has come. */
async function holdFirst(page: Page, url: string) {
  const [arrival, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const hold = async (route: Route) => {
    arrival.resolve()
    await release.promise
    await route.continue()
  }
  await page.route(url, hold, { times: 1 })
  const letGo = async () => {
    const answered = page.waitForResponse(url)
    release.resolve()
    await answered
  }
  return { isHeld: arrival.promise, letGo }
}

/** As the pages of the account do it, with the browser's own authenticator. */
async function addPasskey(page: Page, { token }: TestUser): Promise<void> {
  const options = await bench.api.call<object>(token, 'POST', '/users/me/passkeys/options')
  const credential = await page.evaluate(async (json) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json as PublicKeyCredentialCreationOptionsJSON)
    return ((await navigator.credentials.create({ publicKey })) as PublicKeyCredential).toJSON() as object
  }, options)
  await bench.api.call(token, 'POST', '/users/me/passkeys', { credential })
}

describe('through another site', () => {
  const leave = (page: Page) => page.getByRole('link', { name: /^Continue with/ }).click()
  const comeBack = async (page: Page, email: string) => {
    await page.getByLabel('E-mail', { exact: true }).fill(email)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  it('leads to where one wanted to go, and says kindly what went wrong', async () => {
    const { page } = await bench.profile()
    await page.goto('/people')
    await page.waitForURL('**/sign-in?to=*')
    await leave(page)
    await page.getByLabel('Deny').check()
    await comeBack(page, 'frida@example.org')
    await said(page, 'Nothing happened').waitFor()
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    await leave(page)
    await comeBack(page, 'frida@example.org')
    await page.waitForURL('**/people')
  })

  it('makes an account that is asked for a mailed code, as it has nothing else', async () => {
    const email = 'gerd@example.org'
    const [here, there] = [(await bench.profile()).page, (await bench.profile()).page]
    for (const page of [there, here]) {
      await page.goto('/sign-in')
      await leave(page)
      await comeBack(page, email)
      await page.waitForURL('**/messages')
    }
    await openDevices(here)
    await demandIdentity(here)
    await button(here, 'End all other sessions').click()
    await button(here, 'Mail me a code').click()
    await here.getByLabel('Code from the mail').waitFor()
    await here.getByLabel('Code from the mail').fill((await bench.api.mail(email)).code)
    await button(here, 'Confirm').click()
    await there.waitForURL('**/sign-in**')
  })
})

describe('as a guest', () => {
  it('one looks around, and becomes somebody with the same account', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    await button(page, 'look around as a guest').click()
    await page.waitForURL('**/messages')
    await page.getByText('You are looking around as a guest').waitFor()
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByRole('heading', { name: 'Keep what you have' }).waitFor()
    const hanna = { username: 'hanna', email: 'hanna@example.org', password: 'quiet garden walls' }
    await fillNewAccount(page, hanna)
    await button(page, 'Create account').click()
    await page.waitForURL('**/messages')
    await page.getByText('Please confirm your email address').waitFor()
    await button(page, 'Hide this for now').click()
    expect(await page.getByTestId('account-notice').count()).toBe(0)
    await signIn((await bench.profile()).page, hanna)
  })
})
