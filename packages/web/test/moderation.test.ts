import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { messageRow, signIn } from './pages.ts'
import { type TestUser, tokenOf } from './server.ts'

let bench: TestBench
let admin: TestUser
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
  const account = { username: 'warden', email: 'warden@example.org', password: 'quiet garden walls' }
  const { user, access_token } = await bench.api.call<{ user: { id: string }; access_token: string }>(
    '',
    'POST',
    '/setup',
    { ...account, token: tokenOf(bench.server.setupLink ?? ''), token_delivery: 'body' },
  )
  admin = { ...account, id: user.id, name: 'warden', token: access_token }
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

async function offended(): Promise<{ reader: TestUser; writer: TestUser; conversation: string; text: string }> {
  count += 1
  const reader = await bench.api.person(`nora${count}`, `Nora ${count}`)
  const writer = await bench.api.person(`boris${count}`, `Boris ${count}`)
  const conversation = await bench.api.conversation(writer, reader)
  const text = `Buy my watches ${count}`
  await bench.api.send(writer, conversation, text)
  return { reader, writer, conversation, text }
}

const report = (reader: TestUser, target_id: string) =>
  bench.api.call(reader.token, 'POST', '/reports', { target_type: 'user', target_id, reason: 'spam' })

describe('a report', () => {
  it('comes to the moderators at once, who remove the message and resolve it', async () => {
    const { reader, text, conversation } = await offended()
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, admin, '/admin/reports')
    await one.page.getByText('Nothing waits here.').waitFor()

    await signIn(two.page, reader, `/messages/${conversation}`)
    await messageRow(two.page, text).hover()
    await messageRow(two.page, text).getByRole('button', { name: 'More actions' }).click()
    await two.page.getByRole('menuitem', { name: 'Report' }).click()
    const dialog = two.page.getByRole('dialog', { name: 'Tell the moderators' })
    await dialog.getByLabel('What should they know?').fill('He sends this to everybody.')
    await dialog.getByRole('button', { name: 'Send' }).click()
    await dialog.getByText('Thank you.').waitFor()

    const row = one.page.getByTestId('report')
    await row.getByText(text).waitFor()
    await row.getByText('He sends this to everybody.').waitFor()
    await row.getByRole('button', { name: 'Remove the message' }).click()
    await one.page.getByRole('dialog').getByRole('button', { name: 'Remove the message' }).click()
    await two.page.getByText('This message was deleted.').first().waitFor()
    await row.getByRole('button', { name: 'Resolve' }).click()
    await one.page.getByText('Nothing waits here.').waitFor()
  })

  it('is made from a profile on a phone, and leads to a ban that is lifted again', async () => {
    const { reader, writer } = await offended()
    const phone = await bench.profile({ phone: true })
    await signIn(phone.page, reader, `/people/@${writer.username}`)
    await phone.page.getByRole('button', { name: `More about ${writer.name}` }).click()
    await phone.page.getByRole('menuitem', { name: 'Report' }).click()
    await phone.page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
    await phone.page.getByText('Thank you.').first().waitFor()

    const { page } = await bench.profile()
    await signIn(page, admin, '/admin/reports')
    await page.getByRole('button', { name: `Ban ${writer.name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('Advertising')
    await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.goto('/admin/bans')
    await page.getByTestId('ban').getByText('Advertising').waitFor()
    await page.getByRole('button', { name: `Lift the ban of ${writer.name}` }).click()
    await page.getByText('Nobody is banned.').waitFor()
  })

  it('is nothing that others see', async () => {
    const { reader, writer } = await offended()
    await report(reader, writer.id)
    const { page } = await bench.profile()
    await signIn(page, reader, '/admin/reports')
    await page.waitForURL('**/messages')
    await eventually(() => page.getByRole('link', { name: 'Admin' }).count()).toBe(0)
  })
})
