import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventually, type ProfileOptions, TestBench } from './browser.ts'
import { lockOut, signIn } from './pages.ts'
import type { TestUser } from './server.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const dora = { username: 'dora', password: 'a quiet harbour at dawn' }

let bench: TestBench
let anna: TestUser
beforeAll(async () => {
  bench = await TestBench.open()
  const { page } = await bench.profile()
  await page.goto(bench.server.setupLink ?? '')
  await page.getByLabel('Username', { exact: true }).fill(dora.username)
  await page.getByLabel('Email', { exact: true }).fill('dora@example.com')
  await page.getByLabel('Password', { exact: true }).fill(dora.password)
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await page.waitForURL('**/messages')
  anna = await bench.api.person('anna', 'Anna')
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

async function administrator(look: ProfileOptions = {}): Promise<Page> {
  const { page } = await bench.profile(look)
  await signIn(page, dora)
  await page.getByRole('link', { name: 'Admin', exact: true }).click()
  await page.getByRole('heading', { name: 'Administration' }).waitFor()
  await page.getByRole('link', { name: 'People', exact: true }).last().click()
  return page
}

async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const results = (await page.evaluate('axe.run(document)')) as AxeResults
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

it('finds a person, suspends and readmits them, and the audit log tells of it', async () => {
  const page = await administrator()
  await page.getByLabel('Search by name or email').fill('ann')
  await page.getByRole('link', { name: /Anna/ }).click()
  await page.getByRole('button', { name: 'Suspend' }).click()
  await page.getByText('Suspended', { exact: true }).waitFor()

  const there = await bench.profile()
  await there.page.goto('/sign-in')
  await there.page.getByLabel('Username or email').fill(anna.username)
  await there.page.getByLabel('Password', { exact: true }).fill(anna.password)
  await there.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await there.page.getByRole('alert').filter({ hasText: 'suspended' }).waitFor()

  await page.getByRole('button', { name: 'Let in again' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.getByLabel('What happened').selectOption('user_suspended')
  await page.getByRole('listitem').filter({ hasText: 'user_suspended' }).first().waitFor()
})

it('lifts a lock, and shows that mail about it was sent', async () => {
  const mira = await bench.api.person('mira', 'Mira')
  await lockOut(bench.api, mira)
  const page = await administrator()
  await page.getByRole('link', { name: /Mira/ }).click()
  await page.getByText('Locked', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Lift the lock' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Mail', exact: true }).click()
  await page.getByRole('listitem').filter({ hasText: 'account_locked' }).waitFor()
})

it('makes a webhook, shows its secret once, changes it, and shows what was sent and what came back', async () => {
  const receiver = createServer(
    (request, response) => void request.resume().on('end', () => response.writeHead(204).end()),
  )
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const page = await administrator()
  await page.getByRole('link', { name: 'Webhooks', exact: true }).click()
  await page.getByText('Nobody is told of anything yet.').waitFor()
  await page.getByRole('button', { name: 'New webhook' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Alerts')
  await page.getByLabel('Address').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`)
  await page.getByRole('checkbox', { name: 'Everything in the audit log' }).uncheck()
  await page.getByRole('checkbox', { name: 'login_failed' }).check()
  await page.getByRole('button', { name: 'Create webhook' }).click()
  const secret = page.getByTestId('webhook-secret')
  const first = await secret.textContent()
  expect(first).toMatch(/^whsec_/)
  expect(await seriousIn(page)).toEqual([])
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await secret.waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Send a test' }).click()
  const sent = page.getByRole('list', { name: 'Deliveries of Alerts' }).getByRole('listitem')
  await sent.filter({ hasText: 'webhook.test' }).waitFor()
  await expect
    .poll(
      async () => {
        await page.reload()
        await page.getByRole('button', { name: 'Deliveries of Alerts' }).click()
        return sent.first().innerText()
      },
      { timeout: 30_000 },
    )
    .toMatch(/answered 204[\s\S]*Delivered/)
  await sent.getByRole('button', { name: 'Send again' }).click()
  expect(await seriousIn(page)).toEqual([])

  await page.getByRole('button', { name: 'New secret' }).click()
  await page.getByRole('button', { name: 'Make a new secret' }).click()
  expect(await secret.textContent()).not.toBe(first)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByText('The old secret also signs until').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Off', { exact: true }).waitFor()
  receiver.close()
})

it('acts as somebody in every tab of the browser, and stops in every tab', async () => {
  const paula = await bench.api.person('paula', 'Paula')
  const page = await administrator()
  const other = await page.context().newPage()
  await other.goto('/people')
  await other.getByRole('combobox', { name: 'Search for people' }).waitFor()

  await page.getByLabel('Search by name or email').fill(paula.username)
  await page.getByRole('link', { name: /Paula/ }).click()
  await page.getByRole('button', { name: 'Act as this person' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('To see what Paula sees')
  await page.getByRole('button', { name: 'Act as Paula' }).click()
  for (const tab of [page, other]) await tab.getByText('You act as Paula.').waitFor()

  // Says that the other tab has the new CSRF values as well.
  await other.getByRole('button', { name: 'Stop acting as Paula' }).click()
  for (const tab of [page, other]) {
    await tab.getByRole('link', { name: 'Admin', exact: true }).waitFor()
    expect(await tab.getByTestId('impersonation').count()).toBe(0)
  }
})

it('makes a role and gives it to somebody', async () => {
  const viktor = await bench.api.person('viktor', 'Viktor')
  const page = await administrator()
  await page.getByRole('link', { name: 'Roles', exact: true }).click()
  await page.getByRole('button', { name: 'New role' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('auditor')
  await page.getByLabel('Read the audit log').check()
  await page.getByRole('button', { name: 'Create role' }).click()
  await page.getByRole('listitem').filter({ hasText: 'auditor' }).waitFor()

  await page.getByRole('link', { name: 'People', exact: true }).last().click()
  await page.getByRole('link', { name: /Viktor/ }).click()
  await page.getByLabel('auditor').check()
  await page.getByRole('button', { name: 'Save roles' }).click()
  await page.getByRole('button', { name: 'Save roles' }).and(page.locator('[disabled]')).waitFor()

  const his = await bench.profile()
  await signIn(his.page, viktor)
  await his.page.getByRole('link', { name: 'Admin', exact: true }).click()
  await his.page.waitForURL('**/admin/audit')
  expect(await his.page.getByRole('link', { name: 'Roles', exact: true }).count()).toBe(0)
})

it('sees where somebody is signed in and ends one session, then all; the other browser is out at once', async () => {
  const nora = await bench.api.person('nora', 'Nora')
  const hers = await bench.profile()
  await signIn(hers.page, nora)
  const page = await administrator()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByLabel('Account', { exact: true }).fill('nor')
  const rows = page.getByTestId('admin-session')
  await eventually(() => rows.count()).toBe(2)
  // The newest comes first: the browser's.
  await rows
    .first()
    .getByRole('button', { name: /^End the session of Nora/ })
    .click()
  await hers.page.waitForURL('**/sign-in**')
  await eventually(() => rows.count()).toBe(1)

  await rows.getByRole('button', { name: 'All of this account: Nora' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByText('Nobody is signed in like this.').waitFor()
  await page.getByLabel('Account', { exact: true }).fill('dora')
  await rows.getByText('You, here').waitFor()
})

it('sees what the server does by itself, and lets it do something now', async () => {
  const page = await administrator()
  await page.getByRole('link', { name: 'Jobs', exact: true }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'idempotency.purge' })
  await row.getByText('Last turn: not yet').waitFor()
  await row.getByRole('button', { name: 'Run now: idempotency.purge' }).click()
  await row.getByText('Nothing to do').waitFor()
})

it('announces something to everybody who is here, and takes it back', async () => {
  const his = await bench.profile()
  await signIn(his.page, await bench.api.person('oleg', 'Oleg'))
  const page = await administrator()
  await page.getByRole('link', { name: 'Announcements', exact: true }).click()
  await page.getByRole('button', { name: 'New announcement' }).click()
  await page.getByLabel('Text').fill('The lights go out at noon.')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const banner = his.page.getByTestId('announcement').filter({ hasText: 'The lights go out at noon.' })
  await banner.waitFor()
  await banner.getByRole('button', { name: 'Hide this announcement' }).click()
  await eventually(() => banner.count()).toBe(0)
  // Another text has been hidden by nobody.
  await page.getByRole('button', { name: 'Change: The lights go out at noon.' }).click()
  await page.getByLabel('Text').fill('The lights go out at noon. Sorry!')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await banner.waitFor()
  await page.getByRole('button', { name: 'Take back: The lights go out at noon. Sorry!' }).click()
  await eventually(() => banner.count()).toBe(0)
})

it('changes a setting, is told what does not fit, and goes back', async () => {
  const page = await administrator()
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByLabel('PLACES_PER_PERSON').fill('lots')
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByRole('alert').filter({ hasText: 'must be a whole number' }).waitFor()
  await page.getByLabel('PLACES_PER_PERSON').fill('12')
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByText(/changed here/).waitFor()
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByText('default → 12').waitFor()
  await page.getByRole('button', { name: 'Back to default: PLACES_PER_PERSON' }).click()
  await page.getByText('12 → default').waitFor()
})

it('makes a backup, checks it and downloads it', async () => {
  const page = await administrator()
  await page.getByRole('link', { name: 'Backups', exact: true }).click()
  await page.getByText('No backup was made here yet.').waitFor()
  await page.getByRole('button', { name: 'Make a backup' }).click()
  const row = page.getByTestId('backup')
  await row.getByText('not checked yet').waitFor()
  await row.getByRole('button', { name: /^Check/ }).click()
  await row.getByText(/^whole, checked|whole, checked/).waitFor()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    row.getByRole('button', { name: /^Download/ }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/^atrium-.*\.atrium$/)
})

it('nobody else finds the administration', async () => {
  const { page } = await bench.profile()
  await signIn(page, await bench.api.person('otto', 'Otto'))
  expect(await page.getByRole('link', { name: 'Admin', exact: true }).count()).toBe(0)
  await page.goto('/admin/users')
  await page.waitForURL('**/messages')
})

it.each([
  ['light', {}],
  ['dark on a phone', { phone: true, dark: true }],
] as [string, ProfileOptions][])('has no serious axe finding: %s', async (_name, look) => {
  const page = await administrator(look)
  const found: Record<string, string[]> = {}
  for (const path of [
    'users',
    'roles',
    'audit',
    'mails',
    'limits',
    'sessions',
    'files',
    'webhooks',
    'jobs',
    'settings',
    'backups',
    'cache',
    'announcements',
  ]) {
    await page.goto(`/admin/${path}`)
    await page.getByRole('heading', { name: 'Administration' }).waitFor()
    await page.waitForLoadState('networkidle')
    if (path === 'webhooks') await page.getByRole('button', { name: 'Deliveries of Alerts' }).click()
    found[path] = await seriousIn(page)
  }
  expect(Object.values(found).flat()).toEqual([])
})
