import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eventually } from './browser.ts'
import { signIn } from './pages.ts'
import type { TestUser } from './server.ts'
import { administrator, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
let anna: TestUser
beforeAll(async () => {
  made = await openTablesBench()
  anna = await made.bench.api.person('anna', 'Anna')
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

const csv = 'Name,Berths,Built\nAlbatros,4,1998-05-17\nBrise,2,2004-01-02\n'

it('makes a table of a CSV file, shares it with a role, and sees live what others edit', async () => {
  const page = await administrator(made.bench)
  await page.goto('/admin/tables')
  await page.getByText('There are no tables yet.').waitFor()
  await page.getByRole('button', { name: 'New table' }).click()
  const file = { name: 'boats.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file)
  await page.getByText('2 rows, and these columns:').waitFor()
  expect(await page.getByRole('dialog').getByLabel('Name', { exact: true }).first().inputValue()).toBe('boats')
  await page.getByRole('button', { name: 'Make table' }).click()
  await page.waitForURL('**/admin/tables/boats')

  // A rule, tried before it counts: without one there is nothing for anybody.
  await page.getByLabel('Exposed').check()
  await page.getByLabel('Live').check()
  await page.getByRole('button', { name: 'Add rule' }).click()
  await page.getByLabel('Change rows', { exact: true }).check()
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('Allowed', { exact: true }).waitFor()
  await page.getByLabel('Wants to').selectOption('delete')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText(/^Refused: forbidden/).waitFor()
  await page.getByRole('button', { name: 'Save settings' }).click()
  await page.getByRole('link', { name: 'Look at its rows' }).click()
  await page.getByRole('gridcell', { name: 'Albatros' }).waitFor()

  const hers = (await made.bench.profile()).page
  await signIn(hers, anna, '/data/boats')
  await hers.getByRole('gridcell', { name: 'Brise' }).click()
  await hers.keyboard.type('Breeze')
  await hers.keyboard.press('Enter')
  await hers.getByRole('gridcell', { name: 'Breeze' }).waitFor()
  expect(await hers.getByRole('button', { name: 'New row' }).count()).toBe(0)
  // Nobody asked for it there.
  await page.getByRole('gridcell', { name: 'Breeze' }).waitFor()

  // Nor after the server was killed, and both have found it again.
  await made.bench.server.kill()
  await made.bench.server.run()
  await hers.getByRole('gridcell', { name: 'Albatros' }).click()
  await hers.keyboard.type('Alba')
  await hers.keyboard.press('Enter')
  await hers.getByRole('gridcell', { name: 'Alba', exact: true }).waitFor()
  await page.getByRole('gridcell', { name: 'Alba', exact: true }).waitFor()
})

it('brings rows in from a file, after telling which of them do not fit', async () => {
  const page = await administrator(made.bench)
  await page.goto('/data/boats')
  await page.getByRole('button', { name: 'In and out' }).click()
  await page.getByRole('menuitem', { name: 'Bring rows in…' }).click()
  const rows = 'Name,Berths,Built\nCalypso,6,2010-01-01\nDorado,many,2011-01-01\n'
  const file = { name: 'more.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) }
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file)
  await page.getByText('1 row does not fit:').waitFor()
  expect(await page.getByRole('button', { name: /^Bring in/ }).isDisabled()).toBe(true)
  await page.getByLabel('Leave out what does not fit').check()
  await page.getByRole('button', { name: 'Bring in 1 row' }).click()
  await page.getByRole('dialog').getByText('1 row has come in').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  await eventually(() => page.getByRole('gridcell', { name: 'Calypso' }).count()).toBe(1)
})
