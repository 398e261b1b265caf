import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TestBench } from './browser.ts'
import { fillNewAccount, signIn, signOut, signUp, trySignIn } from './pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const anna = { username: 'anna', email: 'anna@example.org', password: 'quiet garden walls' }

describe('the first administrator', () => {
  it('is told where to begin and makes the account with the link, whose token leaves the address bar', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    await page.getByText('This Atrium is brand new').waitFor()

    await page.goto(bench.server.setupLink ?? '')
    await page.getByRole('heading', { name: 'Set up your Atrium' }).waitFor()
    await page.waitForFunction(() => window.location.hash === '')
    expect(page.url()).not.toContain('token')
    await fillNewAccount(page, { username: 'admin', email: 'admin@example.org', password: 'first stone of the house' })
    await page.getByRole('button', { name: 'Create administrator' }).click()
    await page.waitForURL('**/messages')
    await signOut(page)
    await page.goto('/setup')
    await page.getByText('This Atrium is already set up').waitFor()
  })
})

describe('signing up', () => {
  it('leads in, and out again, and back', async () => {
    const { page } = await bench.profile()
    await signUp(page, anna)
    await page
      .getByRole('heading', { name: 'Nothing here yet' })
      .or(page.getByText('Nothing here yet'))
      .first()
      .waitFor()
    await signOut(page)
    expect(await page.getByRole('status').filter({ hasText: 'signed out because' }).count()).toBe(0)
    await signIn(page, { ...anna, username: 'anna@example.org' })
    await page.reload()
    await page.getByRole('heading', { name: 'Messages' }).waitFor()
  })

  it('says at its field what is wrong', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-up')
    await page.getByText('At least 8 characters').waitFor()
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('Please choose a username.').waitFor()
    expect(await page.getByLabel('Username', { exact: true }).getAttribute('aria-invalid')).toBe('true')

    await fillNewAccount(page, { username: 'b!', email: 'nowhere', password: 'short' })
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('Username must be 3-30 characters').waitFor()
    await page.getByText('Invalid email format').waitFor()
    expect(await page.getByLabel('Email', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    await fillNewAccount(page, { ...anna, username: 'other', email: 'other@example.org', password: 'short' })
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('Password must be at least 8 characters').waitFor()
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true')

    await fillNewAccount(page, { ...anna, email: 'other@example.org' })
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('Someone already has this username').waitFor()
    await fillNewAccount(page, { ...anna, username: 'other' })
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('There is already an account with this address').waitFor()
  })

  it('shows the password to the one who types it', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-up')
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('secret words')
    await page.getByRole('button', { name: 'Show password' }).click()
    expect(await password.getAttribute('type')).toBe('text')
    await page.getByRole('button', { name: 'Hide password' }).click()
    expect(await password.getAttribute('type')).toBe('password')
  })
})

describe('signing in', () => {
  it('says kindly that it did not work, not which of the two is wrong', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    for (const username of ['anna', 'nobody.at.all']) {
      await trySignIn(page, { username, password: 'not the password' })
      await page.getByRole('alert').filter({ hasText: 'don’t match' }).waitFor()
      expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password')
    }
  })

  it('says what is missing at its field until something is written there', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    const [name, password] = [page.getByLabel('Username or email'), page.getByLabel('Password', { exact: true })]
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Please enter your username or email.').waitFor()
    await page.getByText('Please enter your password.').waitFor()
    expect(await name.evaluate((field) => field === document.activeElement)).toBe(true)
    await name.fill('anna')
    await page.getByText('Please enter your username or email.').waitFor({ state: 'detached' })
    await name.press('Enter')
    await expect.poll(() => password.evaluate((field) => field === document.activeElement)).toBe(true)
    await page.getByText('Please enter your password.').waitFor()
  })

  it('loads at most 150 kB of script (P9)', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    await page.getByLabel('Username or email').waitFor()
    await page.waitForLoadState('networkidle')
    const sizes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((each) => each instanceof PerformanceResourceTiming && each.name.endsWith('.js'))
        .map((each) => (each as PerformanceResourceTiming).encodedBodySize),
    )
    expect(sizes.length).toBeGreaterThan(3)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(150_000)
  })

  it('leads to the page that was asked for, and never to another site', async () => {
    const { page } = await bench.profile()
    await page.goto('/account/security')
    await page.waitForURL('**/sign-in?to=*')
    await trySignIn(page, anna)
    await page.waitForURL('**/account/security')
    await signOut(page)

    await page.goto('/sign-in?to=//evil.example/')
    await trySignIn(page, anna)
    await page.waitForURL('**/messages')
    expect(new URL(page.url()).origin).toBe(bench.server.url)
    await page.goto('/sign-in')
    await page.waitForURL('**/messages')
  })

  it('says so when the server cannot be reached', async () => {
    const { page } = await bench.profile()
    await page.goto('/sign-in')
    await page.route('**/api/v1/auth/login', (route) => route.abort())
    await trySignIn(page, anna)
    await page.getByRole('alert').filter({ hasText: 'We can’t reach the server' }).waitFor()
    await page.route('**/api/v1/auth/current_user', (route) => route.abort())
    await page.goto('/messages')
    await page.getByText('We can’t reach Atrium').waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.waitForURL('**/sign-in**')
  })

  it('ends in all tabs of the browser when it ends in one', async () => {
    const { page } = await bench.profile()
    await signIn(page, anna)
    const other = await page.context().newPage()
    await other.goto('/people')
    await signOut(page)
    await other.waitForURL('**/sign-in')
  })
})

it('a page that does not exist says so and leads back', async () => {
  const { page } = await bench.profile()
  await page.goto('/nothing/here')
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
  expect(await page.title()).toContain('There is nothing here')
  await page.getByRole('link', { name: 'Go to the start page' }).click()
  await page.waitForURL('**/sign-in')
})

describe('the profile', () => {
  it('is saved and shown to oneself in every tab', async () => {
    const { page } = await bench.profile()
    await signIn(page, anna, '/account')
    const other = await page.context().newPage()
    await other.goto('/account/profile')
    await page.getByLabel('Name', { exact: true }).fill('Anna Lindqvist')
    await page.getByLabel('About you').fill('Mostly outdoors.')
    await page.getByRole('combobox', { name: 'Time zone' }).fill('auckl')
    await page.getByRole('option', { name: 'Pacific, Auckland' }).click()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved').waitFor()
    await page.getByRole('heading', { name: 'Anna Lindqvist' }).waitFor()
    await other.getByRole('heading', { name: 'Anna Lindqvist' }).waitFor()
    expect(await other.getByLabel('About you').inputValue()).toBe('Mostly outdoors.')
  })

  it('does not overwrite what was changed elsewhere meanwhile', async () => {
    const { page } = await bench.profile()
    await signIn(page, anna, '/account')
    await page.getByLabel('Name', { exact: true }).fill('Anna L.')
    const elsewhere = await bench.profile()
    await signIn(elsewhere.page, anna, '/account')
    await elsewhere.page.getByLabel('About you').fill('Changed on the phone.')
    await elsewhere.page.getByRole('button', { name: 'Save changes' }).click()
    await elsewhere.page.getByText('Saved').waitFor()

    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('changed somewhere else').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Anna L.')
    expect(await page.getByLabel('About you').inputValue()).toBe('Changed on the phone.')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved').waitFor()
  })
})
