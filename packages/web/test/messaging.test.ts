import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import {
  announcement,
  composer,
  connectionBanner,
  conversationItem,
  messageRow,
  messageScroller,
  openConversation,
  sendMessage,
  shownMessages,
  signIn,
  startConversation,
  unreadInTitle,
  unreadOf,
  waitForMessage,
} from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

/** Two people nobody has met before. */
async function twoPeople(): Promise<[TestUser, TestUser]> {
  count += 1
  return [
    await bench.api.person(`anna${count}`, `Anna ${count}`),
    await bench.api.person(`jonas${count}`, `Jonas ${count}`),
  ]
}

describe('a conversation', () => {
  it('is live in two profiles, from the first message', async () => {
    const [anna, jonas] = await twoPeople()
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, anna)
    await signIn(two.page, jonas)
    await one.page.getByText('Nothing here yet').first().waitFor()
    await startConversation(one.page, jonas.username)
    await sendMessage(one.page, 'Good morning')
    await waitForMessage(one.page, 'Good morning')

    await openConversation(two.page, anna.name)
    await waitForMessage(two.page, 'Good morning')
    await sendMessage(two.page, 'Good morning, Anna')
    await waitForMessage(one.page, 'Good morning, Anna')
    await eventually(() => announcement(one.page).textContent()).toContain('Good morning, Anna')
    expect(await shownMessages(one.page)).toEqual([
      { text: 'Good morning', isOwn: true, state: 'sent' },
      { text: 'Good morning, Anna', isOwn: false, state: 'sent' },
    ])
  })

  it('counts what is unread, and forgets it in every tab when it is read', async () => {
    const [anna, jonas] = await twoPeople()
    const id = await bench.api.conversation(anna, jonas)
    const { page } = await bench.profile()
    await signIn(page, jonas)
    await conversationItem(page, anna.name).waitFor()
    const other = await page.context().newPage()
    await other.goto('/people')
    for (const text of ['one', 'two', 'three']) await bench.api.send(anna, id, text)
    await eventually(() => unreadOf(page, anna.name)).toBe(3)
    await eventually(() => unreadInTitle(other)).toBe(3)

    await openConversation(page, anna.name)
    await page.getByTestId('unread-divider').waitFor()
    await eventually(() => unreadOf(page, anna.name)).toBe(0)
    await eventually(() => unreadInTitle(page)).toBe(0)
    await eventually(() => unreadInTitle(other)).toBe(0)
  })

  it('shows text as text, and opens web addresses safely', async () => {
    const [anna, jonas] = await twoPeople()
    const { page } = await bench.profile()
    await signIn(page, anna)
    await startConversation(page, jonas.username)
    const text = '<img src=x onerror=alert(1)> <b>bold</b> https://example.org/a?b=1. javascript:alert(1)'
    await sendMessage(page, text)
    await waitForMessage(page, text)
    expect(await page.locator('[data-message] img, [data-message] b').count()).toBe(0)
    const links = page.locator('[data-message] a')
    expect(await links.count()).toBe(1)
    expect(await links.getAttribute('href')).toBe('https://example.org/a?b=1')
    expect(await links.getAttribute('rel')).toBe('noopener noreferrer nofollow')
  })

  it('breaks lines with Shift and Enter, keeps drafts, and says when a text is too long', async () => {
    const [anna, jonas] = await twoPeople()
    const { page } = await bench.profile()
    await signIn(page, anna)
    await startConversation(page, jonas.username)
    await composer(page).fill('first')
    await composer(page).press('Shift+Enter')
    await composer(page).pressSequentially('second')
    await page.reload()
    expect(await composer(page).inputValue()).toBe('first\nsecond')
    await page.getByRole('link', { name: 'Messages' }).first().click()
    await page.getByText('Draft:').waitFor()
    await openConversation(page, jonas.name)
    await composer(page).press('Enter')
    await waitForMessage(page, 'first\nsecond')

    await composer(page).fill('x'.repeat(4_001))
    await page.getByText('That is 1 character too many').waitFor()
    await composer(page).press('Enter')
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
    await composer(page).fill('y'.repeat(4_000))
    await composer(page).press('Enter')
    await waitForMessage(page, 'y'.repeat(4_000))
    await composer(page).fill('   ')
    await composer(page).press('Enter')
    expect(await shownMessages(page)).toHaveLength(2)
  })
})

describe('a long conversation', () => {
  it('loads earlier messages on the way up and holds the place', async () => {
    const [anna, jonas] = await twoPeople()
    const id = await bench.api.conversation(anna, jonas)
    for (let number = 1; number <= 130; number++) await bench.api.send(number % 4 ? anna : jonas, id, `Note ${number}`)
    const { page } = await bench.profile()
    await signIn(page, anna)
    await openConversation(page, jonas.name)
    await waitForMessage(page, 'Note 130')
    expect(await shownMessages(page)).toHaveLength(40)
    const scroller = messageScroller(page)

    const place = () => messageRow(page, 'Note 100').evaluate((row) => row.getBoundingClientRect().top)
    const before = await place()
    // Just near enough to the top for the earlier ones to be fetched.
    await scroller.evaluate((element) =>
      element.scrollTo({ top: -(element.scrollHeight - element.clientHeight - 500) }),
    )
    const scrolled = await scroller.evaluate((element) => -element.scrollTop)
    await waitForMessage(page, 'Note 60')
    expect(Math.abs((await place()) - (before + scrolled))).toBeLessThan(3)

    await eventually(async () => {
      await scroller.evaluate((element) => element.scrollTo({ top: -element.scrollHeight }))
      return (await shownMessages(page)).length
    }).toBe(130)
    const texts = (await shownMessages(page)).map(({ text }) => text)
    expect(texts).toEqual(Array.from({ length: 130 }, (_, index) => `Note ${index + 1}`))
    await page.getByText('This is the beginning of your conversation').waitFor()
  })

  it('does not move while one reads above, and leads down to what is new', async () => {
    const [anna, jonas] = await twoPeople()
    const id = await bench.api.conversation(anna, jonas)
    for (let number = 1; number <= 40; number++) await bench.api.send(anna, id, `Note ${number}`)
    const { page } = await bench.profile()
    await signIn(page, anna)
    await openConversation(page, jonas.name)
    const scroller = messageScroller(page)
    await scroller.evaluate((element) => element.scrollTo({ top: -600 }))
    await page.getByRole('button', { name: 'Jump to the newest message' }).waitFor()
    const place = () => messageRow(page, 'Note 20').evaluate((row) => row.getBoundingClientRect().top)
    const before = await place()
    await bench.api.send(jonas, id, 'News')
    await bench.api.send(jonas, id, 'More news')
    const jump = page.getByRole('button', { name: '2 new messages' })
    await jump.waitFor()
    expect(Math.abs((await place()) - before)).toBeLessThan(3)
    expect(await unreadOf(page, jonas.name)).toBe(2)
    await jump.click()
    await eventually(() => unreadOf(page, jonas.name)).toBe(0)
    await eventually(() => jump.count()).toBe(0)
  })
})

describe('a message that cannot be sent', () => {
  it('waits for the server to come back and arrives once', async () => {
    const [anna, jonas] = await twoPeople()
    await bench.api.conversation(anna, jonas)
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, anna)
    await signIn(two.page, jonas)
    await openConversation(one.page, jonas.name)
    await openConversation(two.page, anna.name)
    await bench.server.kill()
    await sendMessage(one.page, 'Are you there?')
    await sendMessage(one.page, 'I will wait.')
    await waitForMessage(one.page, 'I will wait.', 'sending')
    await connectionBanner(one.page).waitFor()
    expect(await connectionBanner(one.page).textContent()).toContain('Reconnecting')
    await one.page.waitForTimeout(500)
    await bench.server.run()
    await waitForMessage(two.page, 'I will wait.')
    await waitForMessage(one.page, 'I will wait.')
    await eventually(() => connectionBanner(one.page).count()).toBe(0)
    for (const { page } of [one, two]) {
      expect((await shownMessages(page)).map(({ text }) => text)).toEqual(['Are you there?', 'I will wait.'])
    }
  })

  it('can be tried again or discarded when the server refuses it', async () => {
    const [anna, jonas] = await twoPeople()
    await bench.api.conversation(anna, jonas)
    const { page } = await bench.profile()
    await signIn(page, anna)
    await openConversation(page, jonas.name)
    await page.route('**/api/v1/conversations/*/messages', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 403,
            contentType: 'application/problem+json',
            body: JSON.stringify({
              type: '/problems/messaging_not_allowed',
              title: 'No messages, please',
              status: 403,
              detail: 'This person takes messages from friends only',
              instance: '/',
              code: 'messaging_not_allowed',
              request_id: 'test-request',
            }),
          })
        : route.continue(),
    )
    await sendMessage(page, 'first try')
    await sendMessage(page, 'never mind')
    await waitForMessage(page, 'first try', 'failed')
    await waitForMessage(page, 'never mind', 'failed')
    await page.getByText('This person takes messages from friends only').first().waitFor()
    await messageRow(page, 'never mind').getByRole('button', { name: 'Discard' }).click()
    await page.unrouteAll()
    await messageRow(page, 'first try').getByRole('button', { name: 'Try again' }).click()
    await waitForMessage(page, 'first try')
    expect(await shownMessages(page)).toHaveLength(1)
  })
})

it('a conversation that is not there says so', async () => {
  const [anna] = await twoPeople()
  const { page } = await bench.profile()
  await signIn(page, anna, '/messages/01890000-0000-7000-8000-000000000000')
  await page.getByText('This conversation isn’t here').waitFor()
})

it('shows that something is on its way, and lets one try again when it does not come', async () => {
  const [anna, jonas] = await twoPeople()
  await bench.api.send(anna, await bench.api.conversation(anna, jonas), 'Found in the end')
  const { page } = await bench.profile()
  await signIn(page, anna)
  await conversationItem(page, jonas.name).waitFor()
  let isDown = true
  await page.route(/\/api\/v1\/conversations(\?|$)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    return isDown ? route.abort() : route.continue()
  })
  await page.reload()
  await page.getByRole('navigation', { name: 'Conversations' }).getByRole('status', { name: 'Loading' }).waitFor()
  await page.getByRole('alert').filter({ hasText: 'We can’t reach the server' }).waitFor()
  isDown = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await openConversation(page, jonas.name)
  await waitForMessage(page, 'Found in the end')
})
