import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { composer, messageRow, sendMessage, shownMessages, waitForMessage } from './pages.ts'
import { openTwoPages } from './two-pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const twoPages = () => openTwoPages(bench)

const menuOf = async (row: ReturnType<typeof messageRow>) => {
  await row.hover()
  await row.getByRole('button', { name: 'More actions' }).click()
}

describe('M41: what is written is text', () => {
  it('shows formatting as elements of ours and nothing else', async () => {
    const { one, two } = await twoPages()
    const text = '**bold** <img src=x onerror=alert(1)> [go](javascript:alert(1)) [safe](https://example.org/) `code`'
    await sendMessage(one, text)
    for (const page of [one, two]) {
      const row = page.locator('[data-message]').filter({ hasText: 'bold' })
      await row.locator('strong').waitFor()
      expect(await row.locator('strong').textContent()).toBe('bold')
      expect(await row.locator('code').textContent()).toBe('code')
      expect(await row.getByTestId('message-text').locator('img, script').count()).toBe(0)
      const links = row.getByTestId('message-text').locator('a')
      expect(await links.count()).toBe(1)
      expect(await links.getAttribute('href')).toBe('https://example.org/')
      expect(await links.getAttribute('rel')).toBe('noopener noreferrer nofollow')
      expect(await row.getByTestId('message-text').textContent()).toContain(
        '<img src=x onerror=alert(1)> [go](javascript:alert(1)) safe',
      )
    }
  })

  it('four thousand stars are shown as they are', async () => {
    const { one } = await twoPages()
    await sendMessage(one, '*'.repeat(4_000))
    await waitForMessage(one, '*'.repeat(4_000))
  })
})

describe('a message', () => {
  it('is answered with a quote that leads to it', async () => {
    const { one, two } = await twoPages()
    await menuOf(messageRow(two, 'Shall we meet at noon?'))
    await two.getByRole('menuitem', { name: 'Reply' }).click()
    await two.getByTestId('composing').getByText('Shall we meet at noon?').waitFor()
    await sendMessage(two, 'With pleasure')
    await waitForMessage(one, 'With pleasure')
    const quote = messageRow(one, 'With pleasure').getByRole('button', { name: /Go to the message/ })
    expect(await quote.textContent()).toContain('Shall we meet at noon?')
    await quote.click()
    await one.locator('[data-target]').waitFor()
    expect(await one.locator('[data-target]').textContent()).toContain('Shall we meet at noon?')
    await messageRow(one, 'Shall we meet at noon?').getByRole('button', { name: '1 reply' }).waitFor()
  })

  it('is edited with the arrow up, keeps its history, and stays as it is after Escape', async () => {
    const { one, two } = await twoPages()
    await composer(one).press('ArrowUp')
    const field = one.getByRole('textbox', { name: 'Edit message' })
    await field.waitFor()
    expect(await field.inputValue()).toBe('Shall we meet at noon?')
    await field.press('Escape')
    await composer(one).press('ArrowUp')
    await field.fill('Shall we meet at one?')
    await field.press('Enter')
    await waitForMessage(two, 'Shall we meet at one?')
    await composer(one).waitFor()
    expect(await composer(one).inputValue()).toBe('')
    await messageRow(two, 'Shall we meet at one?').getByRole('button', { name: 'edited' }).click()
    const dialog = two.getByRole('dialog', { name: 'What this message said' })
    await dialog.getByText('Shall we meet at noon?').waitFor()
    await dialog.getByText('Shall we meet at one?').waitFor()
  })

  it('is deleted for everyone, or for oneself', async () => {
    const { one, two } = await twoPages()
    await sendMessage(one, 'A mistake')
    await waitForMessage(two, 'A mistake')
    await menuOf(messageRow(one, 'A mistake'))
    await one.getByRole('menuitem', { name: 'Delete…' }).click()
    await one.getByRole('button', { name: 'Delete for everyone' }).click()
    await waitForMessage(two, 'This message was deleted.')
    await waitForMessage(one, 'You deleted this message.')

    await menuOf(messageRow(two, 'Shall we meet at noon?'))
    await two.getByRole('menuitem', { name: 'Delete…' }).click()
    expect(await two.getByRole('button', { name: 'Delete for everyone' }).count()).toBe(0)
    await two.getByRole('button', { name: 'Delete for me' }).click()
    await eventually(() => messageRow(two, 'Shall we meet at noon?').count()).toBe(0)
    await waitForMessage(one, 'Shall we meet at noon?')
    await two.reload()
    await waitForMessage(two, 'This message was deleted.')
    expect(await shownMessages(two)).toHaveLength(1)
  })

  it('is reacted to, live in two browsers, and a refusal takes the reaction back and says why', async () => {
    const { one, two } = await twoPages()
    const row = messageRow(two, 'Shall we meet at noon?')
    await row.hover()
    await row.getByRole('button', { name: 'React with 👍' }).click()
    const seen = messageRow(one, 'Shall we meet at noon?').getByRole('button', { name: '👍, 1 person' })
    await seen.waitFor()
    expect(await seen.getAttribute('aria-pressed')).toBe('false')
    await seen.click()
    await row.getByRole('button', { name: '👍, 2 people' }).waitFor()
    await messageRow(one, 'Shall we meet at noon?').locator('[aria-pressed="true"]').waitFor()
    await messageRow(one, 'Shall we meet at noon?').getByRole('button', { name: '👍, 2 people' }).click()
    await row.getByRole('button', { name: '👍, 1 person' }).waitFor()

    await two.route('**/reactions/**', (route) => route.abort())
    await row.getByRole('button', { name: '👍, 1 person' }).click()
    await two.getByRole('alert').filter({ hasText: 'was not saved' }).waitFor()
    await row.getByRole('button', { name: '👍, 1 person' }).waitFor()
    await two.unrouteAll()

    await row.hover()
    await row.getByRole('button', { name: 'React', exact: true }).click()
    await two.getByRole('textbox', { name: 'Search emoji' }).fill('rocket')
    await two.getByRole('textbox', { name: 'Search emoji' }).press('Enter')
    await messageRow(one, 'Shall we meet at noon?').getByRole('button', { name: '🚀, 1 person' }).waitFor()
  })

  it('is pinned for all and kept for oneself', async () => {
    const { one, two } = await twoPages()
    await menuOf(messageRow(one, 'Shall we meet at noon?'))
    await one.getByRole('menuitem', { name: 'Pin for everyone' }).click()
    await two.getByRole('button', { name: /Pinned message of Anna/ }).waitFor()
    await menuOf(messageRow(two, 'Shall we meet at noon?'))
    await two.getByRole('menuitem', { name: 'Keep for yourself' }).click()
    await two.keyboard.press('Control+k')
    await two.getByRole('option').filter({ hasText: 'Shall we meet at noon?' }).waitFor()
  })

  it('tells who is typing and how far it has come', async () => {
    const { one, two } = await twoPages()
    await composer(two).pressSequentially('On my')
    await one.getByText('is typing').waitFor()
    await sendMessage(two, 'On my way')
    await waitForMessage(one, 'On my way')
    await eventually(() => one.getByText('is typing').count()).toBe(0)
    await one.bringToFront()
    await messageRow(two, 'On my way')
      .getByTestId(/^tick-/)
      .waitFor()
  })
})

it('a thread has its own panel and composer', async () => {
  const { one, two } = await twoPages()
  await menuOf(messageRow(one, 'Shall we meet at noon?'))
  await one.getByRole('menuitem', { name: 'Open thread' }).click()
  const panel = one.getByRole('complementary', { name: 'Thread' })
  await panel.getByText('No replies yet.').waitFor()
  await panel.getByRole('textbox', { name: 'Message in the thread' }).fill('Or at one')
  await panel.getByRole('textbox', { name: 'Message in the thread' }).press('Enter')
  await panel.locator('[data-message]').filter({ hasText: 'Or at one' }).waitFor()
  await messageRow(two, 'Shall we meet at noon?').getByRole('button', { name: '1 reply' }).click()
  const other = two.getByRole('complementary', { name: 'Thread' })
  await other.locator('[data-message]').filter({ hasText: 'Or at one' }).waitFor()
  await other.getByRole('textbox', { name: 'Message in the thread' }).fill('One it is')
  await other.getByRole('textbox', { name: 'Message in the thread' }).press('Enter')
  await panel.locator('[data-message]').filter({ hasText: 'One it is' }).waitFor()
  await two.getByRole('button', { name: 'Close thread' }).click()
  await eventually(() => other.count()).toBe(0)
})

it('a name is completed after an @ and stands out', async () => {
  const { one, two, jonas } = await twoPages()
  await composer(one).pressSequentially('Hello @jo')
  await one.getByRole('option', { name: new RegExp(jonas.username) }).waitFor()
  await composer(one).press('Enter')
  expect(await composer(one).inputValue()).toBe(`Hello @${jonas.username} `)
  await composer(one).press('Enter')
  const mention = two.locator('[data-me]').filter({ hasText: `@${jonas.username}` })
  await mention.waitFor()
})
