import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { signIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

async function mentioned(): Promise<{ reader: TestUser; writer: TestUser; mention: () => Promise<void> }> {
  count += 1
  const reader = await bench.api.person(`lena${count}`, `Lena ${count}`)
  const writer = await bench.api.person(`otto${count}`, `Otto ${count}`)
  const id = await bench.api.conversation(writer, reader)
  return { reader, writer, mention: () => bench.api.send(writer, id, `Are you there, @${reader.username}?`) }
}

describe('the bell', () => {
  it('counts what arrives, opens what it is about, and is read on every device', async () => {
    const { reader, writer, mention } = await mentioned()
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, reader)
    await signIn(two.page, reader)
    await one.page.getByRole('button', { name: 'Alerts', exact: true }).waitFor()
    await mention()
    await two.page.getByRole('button', { name: /^Alerts ?, 1 unread notification/ }).waitFor()
    await one.page.getByRole('button', { name: /^Alerts ?, 1 unread notification/ }).click()
    const panel = one.page.getByRole('dialog', { name: 'Alerts' })
    await panel.getByText(`${writer.name} mentioned you`).click()
    await one.page.waitForURL(/\/messages\/.+/)
    await panel.waitFor({ state: 'hidden' })
    await two.page.getByRole('button', { name: 'Alerts', exact: true }).waitFor()
  })

  it('is a page on a phone, where all are marked and one is removed', async () => {
    const { reader, mention } = await mentioned()
    await mention()
    const { page } = await bench.profile({ phone: true })
    await signIn(page, reader)
    await page.getByRole('link', { name: /^Alerts ?, 1 unread notification/ }).click()
    await page.getByText('1 unread notification', { exact: true }).waitFor()
    await mention()
    await eventually(() => page.getByTestId('notification').count()).toBe(2)
    await page.getByRole('button', { name: 'Mark all as read' }).click()
    await page.getByRole('link', { name: 'Alerts', exact: true }).waitFor()
    await page
      .getByRole('button', { name: /^Remove:/ })
      .first()
      .click()
    await eventually(() => page.getByTestId('notification').count()).toBe(1)
    await page.getByRole('button', { name: 'Unread', exact: true }).click()
    await page.getByText('Nothing unread.').waitFor()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
  })
})

describe('what reaches one', () => {
  it('is kept as chosen, with quiet hours', async () => {
    const { reader } = await mentioned()
    const { page } = await bench.profile()
    await signIn(page, reader, '/account/notifications')
    const mail = page.getByRole('switch', { name: 'Somebody mentions you: Email' })
    await mail.click({ force: true })
    await page.getByRole('switch', { name: 'Keep quiet every day' }).click({ force: true })
    await page.getByLabel('From', { exact: true }).fill('21:30')
    await page.getByLabel('Mail what I haven’t read').selectOption('daily')
    await eventually(() =>
      bench.api.call<Record<string, unknown>>(reader.token, 'GET', '/users/me/notification-preferences'),
    ).toMatchObject({
      message_mention: { email: false, push: true },
      quiet_hours: { start: '21:30', end: '07:00', time_zone: 'Europe/London' },
      digest: 'daily',
    })
    await page.reload()
    await eventually(() => mail.isChecked()).toBe(false)
    expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe('21:30')
  })

  it('is pushed only where the browser allows it, and says so where it does not', async () => {
    const { reader } = await mentioned()
    const { page } = await bench.profile()
    await page.addInitScript(() => {
      Reflect.set(window, 'asked', 0)
      Notification.requestPermission = async () => {
        Reflect.set(window, 'asked', Number(Reflect.get(window, 'asked')) + 1)
        return 'denied'
      }
      Object.defineProperty(Notification, 'permission', { get: () => 'default' })
    })
    await signIn(page, reader, '/account/notifications')
    const push = page.getByRole('switch', { name: 'Push to this browser' })
    await push.waitFor()
    expect(await page.evaluate(() => Reflect.get(window, 'asked'))).toBe(0)
    await push.click({ force: true })
    await page.getByText('This browser doesn’t allow notifications from Atrium.').waitFor()
    expect(await page.evaluate(() => Reflect.get(window, 'asked'))).toBe(1)
    // The worker itself is allowed by the policy of the page.
    expect(await page.evaluate(async () => (await navigator.serviceWorker.register('/sw.js')).scope)).toBe(
      `${bench.server.url}/`,
    )
  })
})
