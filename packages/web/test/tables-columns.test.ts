import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isTooWide, looks, violations } from './axe.ts'
import { eventually } from './browser.ts'
import { announcement, signIn } from './pages.ts'
import type { TestUser } from './server.ts'
import { administrator, makeBoats, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
let anna: TestUser
const rule = { actions: ['list', 'get', 'create', 'update', 'delete'] }
const settings = { exposed: true, label: 'Boats', revisions: true, rules: { user: rule } }
const call = <Answer>(method: string, path: string, body?: object) =>
  made.bench.api.call<Answer>(made.token, method, path, body)
beforeAll(async () => {
  made = await openTablesBench()
  await makeBoats(made, settings)
  anna = await made.bench.api.person('anna', 'Anna')
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

interface KnownColumn {
  name: string
  nullable: boolean
  default?: string | null
}
const columns = async () =>
  new Map(
    (await call<{ columns: KnownColumn[] }>('GET', '/admin/data/tables/boats')).columns.map((each) => [
      each.name,
      each,
    ]),
  )

describe('the columns of a table', () => {
  it('are added, changed and taken away by the keyboard, and a slip takes nothing away', async () => {
    const page = await administrator(made.bench)
    await page.goto('/admin/tables/boats')
    await page.getByRole('button', { name: 'Add column' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').waitFor()
    await page.keyboard.type('engines')
    await dialog.getByLabel('Type').selectOption('integer')
    await dialog.getByLabel('Default').fill('many')
    await dialog.getByLabel('Needed').check()
    await page.keyboard.press('Enter')
    await dialog.getByText('Please enter a whole number.').waitFor()
    await dialog.getByLabel('Default').fill('1')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect((await columns()).get('engines')).toMatchObject({ nullable: false, default: expect.stringContaining('1') })
    await eventually(() => announcement(page).textContent()).toContain('engines is added')

    await page.getByRole('button', { name: 'Change column engines' }).click()
    await dialog.getByLabel('Name').fill('motors')
    await dialog.getByLabel('Needed').uncheck()
    await dialog.getByLabel('Default', { exact: true }).selectOption('None')
    await dialog.getByRole('button', { name: 'Change column' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('rowheader', { name: 'motors' }).waitFor()
    const { nullable, default: given } = (await columns()).get('motors') ?? {}
    expect([nullable, given ?? null]).toEqual([true, null])

    await page.getByRole('button', { name: 'Take column motors away' }).click()
    await dialog.getByText('3 rows of 3 have a value here. All of them are lost.').waitFor()
    const away = dialog.getByRole('button', { name: 'Take it away for good' })
    expect(await away.isDisabled()).toBe(true)
    await dialog.getByLabel('To confirm, type motors').fill('motor')
    await page.keyboard.press('Enter')
    expect(await away.isDisabled()).toBe(true)
    await dialog.getByLabel('To confirm, type motors').fill('motors')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('rowheader', { name: 'motors' }).waitFor({ state: 'detached' })
    expect((await columns()).has('motors')).toBe(false)
  })

  it('says where a rule still names it, and what the database does not allow', async () => {
    const named = { ...settings, rules: { user: { ...rule, rows: { berths: { gte: 0 } } } } }
    await call('PUT', '/admin/data/tables/boats', named)
    const page = await administrator(made.bench)
    await page.goto('/admin/tables/boats')
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Take column berths away' }).click()
    await dialog.getByLabel('To confirm, type berths').fill('berths')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').filter({ hasText: 'boats › rules › user › rows' }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Change column harbour_id' }).click()
    await dialog.getByLabel('Needed').check()
    await dialog.getByRole('button', { name: 'Change column' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'rows have no value there' }).waitFor()
    await call('PUT', '/admin/data/tables/boats', settings)
  })

  it('offers nothing to whoever may only look', async () => {
    await call('POST', '/admin/roles', { name: 'lookers', permissions: ['tables:read'], inherits: ['user'] })
    const ben = await made.bench.api.person('ben', 'Ben')
    await call('PATCH', `/admin/users/${ben.id}`, { roles: ['lookers'] })
    const { page } = await made.bench.profile()
    await signIn(page, ben, '/admin/tables/boats')
    await page.getByRole('rowheader', { name: 'berths' }).waitFor()
    expect(await page.getByRole('button', { name: /column/i }).count()).toBe(0)
  })
})

async function history(page: Page, name: string) {
  await page.goto('/data/boats')
  const row = page.getByRole('row').filter({ has: page.getByRole('gridcell', { name, exact: true }) })
  await row.getByRole('button').click()
  await page.getByRole('dialog').getByRole('button', { name: 'History' }).click()
  return page.getByRole('dialog', { name: /^History of row/ })
}

describe('the history of a row', () => {
  it('says who changed what and when, and brings a state back', async () => {
    const boats = '/data/boats/2'
    await made.bench.api.call(anna.token, 'PATCH', boats, { berths: 5, notes: 'Painted' })
    await call('PATCH', boats, { berths: 9, notes: null })
    const page = await administrator(made.bench)
    const dialog = await history(page, 'Brise')
    const entries = dialog.getByRole('listitem')
    await dialog.getByText('by Anna').waitFor()
    await entries.first().getByText('by you').waitFor()
    expect(await entries.first().getByRole('definition').allTextContents()).toEqual(['5 → 9', 'Painted → no value'])
    expect(await entries.first().getByRole('button').count()).toBe(0)
    await entries.nth(1).getByRole('button').click()
    const asked = page.getByRole('dialog', { name: 'Bring this state back?' })
    await asked.getByText('It changes berths, notes.').waitFor()
    // Somebody was faster: nothing is written over what they did.
    await call('PATCH', boats, { berths: 10 })
    await asked.getByRole('button', { name: 'Bring back' }).click()
    await asked.getByRole('alert').filter({ hasText: 'Somebody has just changed this row' }).waitFor()
    await asked.getByRole('button', { name: 'Bring back' }).click()
    await dialog.waitFor({ state: 'detached' })
    const now = await call<object>('GET', boats)
    expect(now).toMatchObject({ berths: 5, notes: 'Painted' })
    await page.getByRole('gridcell', { name: 'Painted' }).waitFor()
  })

  it('is shown without a way back to whoever may not change rows, and says when there is none', async () => {
    await call('PUT', '/admin/data/tables/boats', { ...settings, rules: { user: { actions: ['list', 'get'] } } })
    const { page } = await made.bench.profile()
    await signIn(page, anna)
    const dialog = await history(page, 'Brise')
    await dialog.getByText('by you').waitFor()
    expect(await dialog.getByRole('button', { name: /Bring back/ }).count()).toBe(0)
    // Others are named to administrators alone.
    expect(await dialog.getByText(/by (Dora|dora)/).count()).toBe(0)
    await page.keyboard.press('Escape')
    await call('PUT', '/admin/data/tables/boats', { ...settings, revisions: false })
    await page.goto('/data/boats')
    await page.getByRole('gridcell', { name: 'Brise' }).click()
    await page.getByRole('row').filter({ hasText: 'Brise' }).getByRole('button').click()
    await page.getByRole('dialog').waitFor()
    expect(await page.getByRole('button', { name: 'History' }).count()).toBe(0)
    await call('PUT', '/admin/data/tables/boats', settings)
  })

  it('says that it could not be loaded, and tries again', async () => {
    const page = await administrator(made.bench)
    await page.route('**/revisions', (route) => route.fulfill({ status: 500, body: '{}' }), { times: 1 })
    const dialog = await history(page, 'Brise')
    await dialog.getByText('The history could not be loaded').waitFor()
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByRole('listitem').first().waitFor()
  })
})

describe('rows that were set aside', () => {
  it('are told apart from lost ones, come back, or go for good', async () => {
    const page = await administrator(made.bench)
    await page.goto('/admin/tables/boats')
    await page.getByRole('switch', { name: 'Set deleted rows aside' }).click()
    await page.getByRole('switch', { name: 'Filter by regular expressions' }).click()
    await page.getByRole('button', { name: 'Save settings' }).click()
    await eventually(() => call<object>('GET', '/data/boats/schema')).toMatchObject({
      ...{ soft_delete: true, operators: ['regex'] },
    })
    await page.goto('/data/boats')
    await page.getByRole('row').filter({ hasText: 'Calypso' }).getByRole('button').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('can be brought back for 30 days').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).last().click()
    await page.getByText('2 rows').waitFor()
    await page.route('**/deleted', (route) => route.fulfill({ status: 500, body: '{}' }), { times: 1 })
    await page.getByRole('button', { name: 'Deleted rows' }).click()
    const dialog = page.getByRole('dialog', { name: 'Deleted rows' })
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByText('Calypso').waitFor()
    await dialog.getByText('by you').waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Bring back row 3' }).click()
    await dialog.getByText('No deleted row is kept.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('3 rows').waitFor()

    const spare = await call<{ id: number }>('POST', '/data/boats', { name: 'Dory' })
    await call('DELETE', `/data/boats/${spare.id}`)
    await page.getByRole('button', { name: 'Deleted rows' }).click()
    await dialog.getByRole('button', { name: `Delete for good: row ${spare.id}` }).click()
    await page
      .getByRole('dialog', { name: /for good\?$/ })
      .getByRole('button', { name: 'Delete for good' })
      .click()
    await dialog.getByText('No deleted row is kept.').waitFor()
    await page.keyboard.press('Escape')

    // What an administrator allowed is offered; what holds for none of them is found.
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByLabel('Column', { exact: true }).selectOption('name')
    await page.getByLabel('Comparison').selectOption('fits the pattern')
    await page.getByLabel('Value', { exact: true }).fill('^[BC]')
    await page.getByText('2 rows').waitFor()
    await page.getByRole('button', { name: 'Add condition' }).click()
    await page.getByLabel('Column', { exact: true }).last().selectOption('name')
    await page.getByLabel('Comparison').last().selectOption('has all the words')
    await page.getByLabel('Value', { exact: true }).last().fill('no such words')
    await page.getByLabel('How they combine').selectOption('None of these')
    await page.getByText('1 row').waitFor()
    await page.getByRole('gridcell', { name: 'Albatros' }).waitFor()
  })

  it('are not offered to whoever may not see everything', async () => {
    const { page } = await made.bench.profile()
    await signIn(page, anna, '/data/boats')
    await page.getByRole('grid').waitFor()
    expect(await page.getByRole('button', { name: 'Deleted rows' }).count()).toBe(0)
  })
})

it.each(looks)('has no serious axe finding on the pages of tables: %s', async (_name, look) => {
  const page = await administrator(made.bench, look)
  const found: Record<string, string[]> = {}
  const check = async (name: string) => {
    found[name] = await violations(page)
    if (await isTooWide(page)) found[name].push('too wide')
  }
  const dialog = page.getByRole('dialog')
  const close = async () => {
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }
  await page.goto('/admin/tables')
  await page.getByRole('link', { name: /Boats/ }).waitFor()
  await check('all tables')
  await page.getByRole('button', { name: 'New table' }).click()
  await dialog.getByRole('button', { name: 'From a list of columns' }).click()
  await check('new table')
  await close()
  await page.getByRole('link', { name: /Boats/ }).click()
  await page.getByRole('rowheader', { name: 'berths' }).waitFor()
  await check('settings')
  await page.getByRole('button', { name: 'Add column' }).click()
  await dialog.getByLabel('Name').waitFor()
  await check('a new column')
  await close()
  await page.getByRole('button', { name: 'Change column berths' }).click()
  await dialog.getByLabel('Default', { exact: true }).selectOption('Another value')
  await check('another column')
  await close()
  await page.getByRole('button', { name: 'Take column notes away' }).click()
  await dialog.getByText(/have a value here|has a value here/).waitFor()
  await check('a column less')
  await close()
  await page.goto('/admin/tables/nothing')
  await page.getByText('There is no such table').waitFor()
  await check('no such table')
  await history(page, 'Brise')
  await dialog.getByRole('listitem').first().waitFor()
  await check('history')
  await dialog
    .getByRole('button', { name: /^Bring back/ })
    .first()
    .click()
  await page.getByRole('dialog', { name: 'Bring this state back?' }).waitFor()
  await check('a way back')
  expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
})
