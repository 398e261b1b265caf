import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { violations } from './axe.ts'
import { eventually } from './browser.ts'
import { administrator, makeBoats, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
beforeAll(async () => {
  made = await openTablesBench()
  await makeBoats(made)
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

it('a filter asks about related rows: that there are any, or none, or one of which something holds', async () => {
  const page = await administrator(made.bench)
  await page.goto('/data/harbours')
  await page.getByText('3 rows').waitFor()
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByRole('button', { name: 'Add related rows' }).click()
  await page.getByLabel('Relation', { exact: true }).selectOption('boats')
  await page.getByText('2 rows').waitFor()
  const related = page.getByRole('group', { name: 'Related rows' })
  await related.getByRole('button', { name: 'Add condition' }).click()
  await related.getByLabel('Column', { exact: true }).selectOption('afloat')
  await page.getByText('1 row').waitFor()
  await page.getByRole('gridcell', { name: 'Kiel' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('How many of them').selectOption('None of')
  await page.getByText('2 rows').waitFor()
  await page.getByRole('gridcell', { name: 'Skagen' }).waitFor()
  // It is the address, which shows it again.
  await page.reload()
  await page.getByText('2 rows').waitFor()
  await eventually(() => page.getByRole('gridcell', { name: 'Kiel' }).count()).toBe(0)
})
