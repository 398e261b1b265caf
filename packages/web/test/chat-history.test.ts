import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { composer, messageRow, messageScroller, openConversation, signIn, waitForMessage } from './pages.ts'
import type { TestUser } from './server.ts'

const total = 5_000
/** Whatever one scrolls to, so many are mounted at most: six pages of forty, and what came live. */
const mostMounted = 330

let bench: TestBench
let anna: TestUser
let jonas: TestUser
let id: string
beforeAll(async () => {
  bench = await TestBench.open()
  anna = await bench.api.person('anna', 'Anna')
  jonas = await bench.api.person('jonas', 'Jonas')
  id = await bench.api.conversation(anna, jonas)
  // Each hand sends in order of its own; the numbers in the texts are as near to the order as the test needs them.
  const hands = Array.from({ length: 16 }, (_, hand) => hand)
  await Promise.all(
    hands.map(async (hand) => {
      for (let number = hand + 1; number < total; number += hands.length) {
        await bench.api.send(
          number % 3 ? anna : jonas,
          id,
          `Note ${number}${number === 777 ? ' about the tulips' : ''}`,
        )
      }
    }),
  )
  await bench.api.send(anna, id, 'The newest note')
}, 180_000)
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const mounted = (page: Page) => page.locator('[data-message]').count()

describe('five thousand messages', () => {
  it('are scrolled through with a bounded number of elements, and one is led back to the newest', async () => {
    const { page } = await bench.profile()
    await signIn(page, anna)
    await openConversation(page, 'Jonas')
    await waitForMessage(page, 'The newest note')
    const scroller = messageScroller(page)
    const most = { messages: 0, elements: 0 }
    for (let rounds = 0; rounds < 25; rounds++) {
      await scroller.evaluate((element) => element.scrollBy({ top: -2_500 }))
      await page.waitForTimeout(60)
      most.messages = Math.max(most.messages, await mounted(page))
      most.elements = Math.max(most.elements, await page.locator('*').count())
    }
    expect(most.messages).toBeGreaterThan(100)
    expect(most.messages).toBeLessThan(mostMounted)
    expect(most.elements).toBeLessThan(mostMounted * 16)
    // The newest ones were let go on the way.
    await eventually(() => messageRow(page, 'The newest note').count()).toBe(0)

    const place = async () => {
      const key = await scroller.evaluate((element) => {
        const rows = [...element.querySelectorAll<HTMLElement>('[data-message]')]
        return rows.find((row) => row.getBoundingClientRect().top > 300)?.dataset.message ?? ''
      })
      const top = () => page.locator(`[data-message="${key}"]`).evaluate((row) => row.getBoundingClientRect().top)
      return { top }
    }
    const { top } = await place()
    const before = await top()
    await bench.api.send(jonas, id, 'News while one reads')
    await page.getByRole('button', { name: '1 new message' }).waitFor()
    expect(Math.abs((await top()) - before)).toBeLessThan(3)

    await page.getByRole('button', { name: '1 new message' }).click()
    await waitForMessage(page, 'News while one reads')
    expect(await mounted(page)).toBeLessThan(mostMounted)
  })

  it('cost a scroll a few looks at the page, and older ones that come in nothing for those that are there', async () => {
    const { page } = await bench.profile()
    await signIn(page, anna)
    await openConversation(page, 'Jonas')
    const scroller = messageScroller(page)
    await eventually(async () => {
      await scroller.evaluate((element) => element.scrollBy({ top: -2_500 }))
      return mounted(page)
    }).toBeGreaterThanOrEqual(200)
    const counted = await scroller.evaluate(async (element) => {
      const counts = { measured: 0, dates: 0, formats: 0 }
      const { getBoundingClientRect } = Element.prototype
      Element.prototype.getBoundingClientRect = function (this: Element) {
        counts.measured++
        return getBoundingClientRect.call(this)
      }
      // Each row that is rendered says two dates; besides, all messages are put to their days.
      const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format')
      Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
        configurable: true,
        get(this: Intl.DateTimeFormat) {
          counts.dates++
          return format?.get?.call(this)
        },
      })
      Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
        construct(target, given: Parameters<typeof Intl.DateTimeFormat>) {
          counts.formats++
          return new target(...given)
        },
      })
      const scrolled = () =>
        new Promise((next) => element.addEventListener('scroll', () => setTimeout(next), { once: true }))
      const oldest = () => element.querySelector<HTMLElement>('[data-message]')?.dataset.message
      const before = oldest()
      const rows = element.querySelectorAll('[data-message]').length
      const moved = scrolled()
      element.scrollBy({ top: 50 })
      await moved
      const { measured } = counts
      const isOlderThere = new Promise<void>((there) => {
        const look = new MutationObserver(() => {
          if (oldest() === before) return
          look.disconnect()
          there()
        })
        look.observe(element, { subtree: true, childList: true })
      })
      Object.assign(counts, { dates: 0, formats: 0 })
      element.scrollTop = -element.scrollHeight
      await isOlderThere
      return { ...counts, measured, rows }
    })
    expect(counted.rows).toBeGreaterThanOrEqual(200)
    expect(counted.measured).toBeLessThan(30)
    expect(counted.dates).toBeLessThan(2 * counted.rows)
    expect(counted.formats).toBe(0)
  })

  it('are searched, and a hit leads to its place among them', async () => {
    const { page } = await bench.profile()
    await signIn(page, anna)
    await openConversation(page, 'Jonas')
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: 'Search messages' })
    const hit = page.getByRole('option').filter({ hasText: 'about the tulips' })
    await field.fill('tuli')
    await hit.locator('mark').getByText('tuli', { exact: true }).waitFor()
    await field.fill('tulips')
    await hit.locator('mark').getByText('tulips', { exact: true }).waitFor()
    expect(await hit.locator('mark').textContent()).toBe('tulips')
    await page.keyboard.press('Enter')
    await page.locator('[data-target]').filter({ hasText: 'Note 777 about the tulips' }).waitFor()
    expect(await page.locator('[data-target]').isVisible()).toBe(true)
    // From there in both directions.
    await messageScroller(page).evaluate((element) => element.scrollTo({ top: 0 }))
    await eventually(() => mounted(page)).toBeGreaterThan(60)
    expect(await mounted(page)).toBeLessThan(mostMounted)

    // What one writes is at the end, and so is one.
    await composer(page).fill('Written far away from the end')
    await composer(page).press('Enter')
    await waitForMessage(page, 'Written far away from the end')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search messages' }).waitFor()
    await page.keyboard.press('Escape')
    await eventually(() => page.getByRole('dialog').count()).toBe(0)
  })
})
