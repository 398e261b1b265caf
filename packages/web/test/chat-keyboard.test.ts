import { afterAll, afterEach, beforeAll, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { composer, messageRow, openConversation, sendMessage, signIn, waitForMessage } from './pages.ts'
import { openTwoPages } from './two-pages.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const twoPages = () => openTwoPages(bench)

it('is all done with the keyboard alone', async () => {
  const { one } = await twoPages()
  await sendMessage(one, 'Second')
  await waitForMessage(one, 'Second')
  const keys = async (...names: string[]) => {
    for (const name of names) await one.keyboard.press(name)
  }
  await composer(one).focus()
  await keys('Shift+Tab')
  await eventually(() => one.evaluate(() => document.activeElement?.hasAttribute('data-message'))).toBe(true)
  await keys('ArrowUp', 'Enter')
  await one.getByRole('menu').waitFor()
  await keys('Escape')
  // While it fades out its entries can still be found, and are no good.
  await one.getByRole('menu').waitFor({ state: 'hidden' })
  await eventually(() => one.evaluate(() => document.activeElement?.textContent)).toContain('Shall we meet at noon?')
  await keys('Enter')
  const isInMenu = () => one.evaluate(() => document.activeElement?.closest('[role=menu]') != null)
  await eventually(isInMenu).toBe(true)
  await one.getByRole('menuitem', { name: 'Reply' }).focus()
  await keys('Enter')
  await one.getByTestId('composing').waitFor()
  await eventually(() => one.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
  await one.keyboard.type('With the ')
  await keys('Control+b')
  await one.keyboard.type('keyboard')
  await keys('Enter')
  await one.locator('[data-message] strong').filter({ hasText: 'keyboard' }).waitFor()
  await messageRow(one, 'With the keyboard')
    .getByRole('button', { name: /Go to the message/ })
    .waitFor()
})

it('a message held by a finger shows what can be done with it', async () => {
  const { anna, jonas } = await twoPages()
  const { page } = await bench.profile({ phone: true })
  await signIn(page, anna)
  await openConversation(page, jonas.name)
  const { x = 0, y = 0 } =
    (await messageRow(page, 'Shall we meet at noon?').getByTestId('message-text').boundingBox()) ?? {}
  const touch = await page.context().newCDPSession(page)
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 10, y: y + 10 }] })
  await page.getByRole('menuitem', { name: 'Reply' }).waitFor()
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await page.getByRole('menuitem', { name: 'Reply' }).tap()
  await page.getByTestId('composing').waitFor()
})
