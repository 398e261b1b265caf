import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { looks, violations } from './axe.ts'
import { eventually, type ProfileOptions } from './browser.ts'
import { announcement, signIn } from './pages.ts'
import type { TestUser } from './server.ts'
import { makeBoats, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
let anna: TestUser
let jonas: TestUser
beforeAll(async () => {
  made = await openTablesBench()
  await makeBoats(made)
  anna = await made.bench.api.person('anna', 'Anna')
  jonas = await made.bench.api.person('jonas', 'Jonas')
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

async function open(person: TestUser, address = '/data/boats', look: ProfileOptions = {}): Promise<Page> {
  const { page } = await made.bench.profile(look)
  await signIn(page, person, address)
  await page.getByRole('grid').waitFor()
  return page
}
const cell = (page: Page, text: string) => page.getByRole('gridcell', { name: text, exact: true })
const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ has: cell(page, text) })
const stored = (name: string) =>
  made.bench.api
    .call<{ data: Record<string, unknown>[] }>(
      made.token,
      'GET',
      `/data/boats?filter[name]=${encodeURIComponent(name)}`,
    )
    .then(({ data }) => data[0])

describe('the page of tables', () => {
  it('is found by whoever may see a table, and shows each value as what it is', async () => {
    const { page } = await made.bench.profile()
    await signIn(page, anna)
    await page.getByRole('link', { name: 'Data', exact: true }).click()
    await page.getByRole('link', { name: 'Boats' }).click()
    await page.getByText('3 rows').waitFor()
    const albatros = rowOf(page, 'Albatros')
    // A double would have made it …992.
    await albatros.getByText('9007199254740993').waitFor()
    await albatros.getByText('125000.50', { exact: true }).waitFor()
    await albatros.getByText('Kiel').waitFor()
    await albatros.getByText('17 May 1998').waitFor()
    await albatros.getByText(/1 Jul 2026, 13:00:00/).waitFor()
    await rowOf(page, 'Brise').getByText('empty text').waitFor()
    expect(await rowOf(page, 'Calypso').getByText('no value').count()).toBeGreaterThan(3)
  })

  it('keeps in its address what is looked for, and in which order', async () => {
    const page = await open(anna)
    await page.getByRole('button', { name: 'berths' }).click()
    await page.getByRole('button', { name: 'berths' }).click()
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByLabel('Column', { exact: true }).selectOption('berths')
    await page.getByLabel('Comparison').selectOption('is at least')
    await page.getByLabel('Value', { exact: true }).fill('4')
    await page.getByText('2 rows').waitFor()
    await page.getByRole('button', { name: 'Add condition' }).click()
    await page.getByLabel('How they combine').selectOption('Any of these')
    await page.getByLabel('Column', { exact: true }).last().selectOption('name')
    await page.getByLabel('Value', { exact: true }).last().fill('BRI')
    await page.getByText('3 rows').waitFor()
    await page.reload()
    await page.getByRole('grid').waitFor()
    const names = () => page.getByRole('gridcell', { name: /^(Albatros|Brise|Calypso)$/ }).allTextContents()
    await eventually(names).toEqual(['Calypso', 'Albatros', 'Brise'])
    await page.getByRole('button', { name: 'Clear filter' }).click()
    await page.getByRole('searchbox', { name: 'Search in texts' }).fill('leaks')
    await eventually(names).toEqual(['Albatros'])
    expect(page.url()).toContain('q=leaks')
  })

  it('is edited by the keyboard alone; what does not fit is said at the cell', async () => {
    const page = await open(anna)
    await cell(page, 'Calypso').click()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.keyboard.type('many')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'whole number' }).waitFor()
    await page.getByRole('textbox', { name: 'berths' }).fill('99999999999999999999')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'Needs a number from' }).waitFor()
    await page.keyboard.press('Escape')
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('6')
    expect((await stored('Calypso'))?.berths).toBe(6)
    await page.keyboard.press('7')
    await page.keyboard.press('Enter')
    await cell(page, '7').waitFor()
    await eventually(async () => (await stored('Calypso'))?.berths).toBe(7)
  })

  it('finds the row of the other table by a word of it', async () => {
    const page = await open(anna)
    const place = rowOf(page, 'Calypso').getByRole('gridcell').nth(3)
    await place.click()
    await page.keyboard.press('Enter')
    await page.getByRole('combobox', { name: 'harbour_id' }).fill('vis')
    await page.getByRole('option', { name: /Visby/ }).click()
    await page.keyboard.press('Enter')
    await rowOf(page, 'Calypso').getByText('Visby').waitFor()
    await eventually(async () => (await stored('Calypso'))?.harbour_id).toBe(2)
  })

  it('takes new rows and lets rows go', async () => {
    const page = await open(anna)
    await page.getByRole('button', { name: 'New row' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Add row' }).click()
    await dialog.getByText('This needs a value.').waitFor()
    await dialog.getByLabel('name', { exact: true }).fill('Dorado')
    await dialog.getByLabel('seen_at').fill('2026-07-01T14:30')
    await dialog.getByRole('button', { name: 'Add row' }).click()
    await cell(page, 'Dorado').waitFor()
    // In July London is an hour ahead of UTC.
    expect((await stored('Dorado'))?.seen_at).toBe('2026-07-01T13:30:00.000Z')
    await rowOf(page, 'Dorado').getByRole('button').click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog', { name: 'Delete this row?' }).getByRole('button', { name: 'Delete' }).click()
    await cell(page, 'Dorado').waitFor({ state: 'detached' })
    expect(await stored('Dorado')).toBeUndefined()
  })

  it('M36: two people change the same row: nothing is lost without a person deciding it', async () => {
    const [hers, his] = [await open(anna), await open(jonas)]
    await rowOf(hers, 'Brise').getByRole('button').click()
    await hers.getByLabel('price').fill('17000')
    await hers.getByLabel('berths').fill('3')
    await rowOf(his, 'Brise').getByRole('button').click()
    await his.getByLabel('price').fill('16500')
    await his.getByLabel('built').fill('2005-06-07')
    await his.getByRole('button', { name: 'Save' }).click()
    await his.getByRole('dialog').waitFor({ state: 'detached' })

    await hers.getByRole('button', { name: 'Save' }).click()
    const merge = hers.getByRole('dialog', { name: 'Somebody else changed this too' })
    await merge.getByText('Before: 18000').waitFor()
    expect(await merge.getByRole('radio').count()).toBe(2)
    expect(await merge.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await merge.getByRole('radio', { name: /Theirs.*16500/ }).check()
    await merge.getByRole('button', { name: 'Save' }).click()
    await merge.waitFor({ state: 'detached' })
    // His price by her decision, her berths, and his date that she never touched.
    expect(await stored('Brise')).toMatchObject({ price: 16500, berths: 3, built: '2005-06-07' })
    await eventually(() => announcement(hers).textContent()).toContain('Saved')
  })

  it('shows no way to change what may only be read', async () => {
    const { api } = made.bench
    const settings = { exposed: true, label: 'Harbours', rules: { user: { actions: ['list', 'get'] } } }
    await api.call(made.token, 'PUT', '/admin/data/tables/harbours', settings)
    const page = await open(jonas, '/data/harbours')
    expect(await page.getByRole('button', { name: 'New row' }).count()).toBe(0)
    await cell(page, 'Kiel').click()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Kiel').waitFor()
    expect(await dialog.getByRole('button', { name: /Save|Delete/ }).count()).toBe(0)
  })
})

it.each(looks)('has no serious axe finding: %s', async (_name, look) => {
  const page = await open(anna, '/data/boats?q=a', look)
  const found: Record<string, string[]> = { grid: await violations(page) }
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  found.filter = await violations(page)
  await rowOf(page, 'Calypso').getByRole('gridcell').nth(3).click()
  await page.keyboard.press('Enter')
  await page.getByRole('listbox').getByRole('option').first().waitFor()
  found.picker = await violations(page)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'New row' }).click()
  await page.getByRole('button', { name: 'Add row' }).click()
  await page.getByText('This needs a value.').waitFor()
  found.row = await violations(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
    page.viewportSize()?.width ?? 0,
  )
  expect(found).toEqual({ grid: [], filter: [], picker: [], row: [] })
})
