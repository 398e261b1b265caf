import type { Locator, Page } from 'playwright-core'
import type { TestApi, TestUser } from './server.ts'

/** What a person does and sees, in the words of the pages: a test says what happens and not where it is in the HTML. */
export interface Credentials {
  username: string
  password: string
}

const button = (page: Page | Locator, name: string | RegExp) => page.getByRole('button', { name })

export async function signUp(page: Page, account: Credentials & { email: string }): Promise<void> {
  await page.goto('/sign-up')
  await fillNewAccount(page, account)
  await button(page, 'Create account').click()
  await page.waitForURL('**/messages')
}

export async function fillNewAccount(page: Page, account: Credentials & { email: string }): Promise<void> {
  // A label said in part also fits 'Username or email': the sign-in page stays until the next page is loaded.
  await page.getByLabel('Username', { exact: true }).fill(account.username)
  await page.getByLabel('Email', { exact: true }).fill(account.email)
  await page.getByLabel('Password', { exact: true }).fill(account.password)
}

/** Fills in and sends the form; whether it worked is for the test to see. */
export async function trySignIn(page: Page, { username, password }: Credentials): Promise<void> {
  await page.getByLabel('Username or email').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

/** Signed in, without the page where people do it: it has tests of its own, and takes seconds. */
export async function signIn(page: Page, { username, password }: Credentials, to = '/messages'): Promise<void> {
  const answer = await page.request.post('/api/v1/auth/login', { data: { identifier: username, password } })
  if (!answer.ok()) throw new Error(`Signing in as ${username}: ${answer.status()} ${await answer.text()}`)
  await page.goto(to)
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/account')
  await button(page, 'Sign out').click()
  await page.waitForURL('**/sign-in')
}

/** Goes to People, looks for a name and opens the conversation with the person found. */
export async function startConversation(page: Page, username: string): Promise<void> {
  await page.getByRole('link', { name: 'People', exact: true }).click()
  await page.getByRole('combobox', { name: 'Search for people' }).fill(username)
  await page
    .getByRole('option')
    .filter({ has: page.getByText(`@${username}`, { exact: true }) })
    .click()
  await page.waitForURL(/\/messages\/.+/)
  await composer(page).waitFor()
}

export const conversationItem = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name })

export async function openConversation(page: Page, name: string): Promise<void> {
  await conversationItem(page, name).click()
  await composer(page).waitFor()
}

export const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^Message / })

export async function sendMessage(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

export type MessageState = 'sending' | 'sent' | 'failed'

export interface ShownMessage {
  text: string
  isOwn: boolean
  state: MessageState
}

/** What the open conversation shows, oldest first. */
export const shownMessages = (page: Page): Promise<ShownMessage[]> =>
  page.locator('[data-message]').evaluateAll((rows) =>
    rows.map((row) => ({
      text: row.querySelector('[data-testid="message-text"]')?.textContent ?? '',
      isOwn: row.closest('[data-own]') !== null,
      state: row.getAttribute('data-state') as MessageState,
    })),
  )

/** The row of the message with exactly this text. */
export const messageRow = (page: Page, text: string, state?: MessageState): Locator =>
  page
    .locator(state ? `[data-message][data-state="${state}"]` : '[data-message]')
    .filter({ has: page.getByTestId('message-text').getByText(text, { exact: true }) })

export const waitForMessage = (page: Page, text: string, state: MessageState = 'sent'): Promise<void> =>
  messageRow(page, text, state).waitFor()

/** Of one conversation in the list; 0 when there is no badge. */
export const unreadOf = async (page: Page, name: string): Promise<number> =>
  Number((await conversationItem(page, name).getAttribute('data-unread')) ?? 0)

/** Of all conversations, as the browser's tab says it. */
export const unreadInTitle = async (page: Page): Promise<number> =>
  Number(/^\((\d+)\+?\)/.exec(await page.title())?.[1] ?? 0)

export const connectionBanner = (page: Page): Locator => page.getByTestId('connection-banner')

/** The part that scrolls in the open conversation. */
export const messageScroller = (page: Page): Locator => page.getByRole('region', { name: /^Messages with / })

export const sessionRows = (page: Page): Locator => page.getByTestId('session')

export async function openDevices(page: Page): Promise<void> {
  await page.goto('/account/devices')
  await sessionRows(page).first().waitFor()
}

export async function confirmIdentity(page: Page, password: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill(password)
  await button(dialog, 'Confirm').click()
}

/** The server wants to be sure who is there, once, before it ends the other sessions. */
export async function demandIdentity(page: Page): Promise<void> {
  const body = JSON.stringify({
    type: '/problems/reauthentication_required',
    title: 'Please confirm that it is you',
    status: 403,
    detail: 'Please confirm that it is you',
    instance: '/api/v1/users/me/sessions',
    code: 'reauthentication_required',
    request_id: 'test-request',
  })
  const answer = { status: 403, contentType: 'application/problem+json', body }
  await page.route('**/api/v1/users/me/sessions?others=true', (route) => route.fulfill(answer), { times: 1 })
}

/** Texts that a screen reader is told. */
export const announcement = (page: Page): Locator => page.getByTestId('announcer')

/** Guesses until the account is locked, which its owner is mailed about. */
export async function lockOut(api: TestApi, { username }: TestUser): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    await api.call('', 'POST', '/auth/login', { identifier: username, password: 'a wrong guess' }).catch(() => {})
  }
}
