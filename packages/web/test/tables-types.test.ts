import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { violations } from './axe.ts'
import { administrator, makeBoats, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
const call = <Answer>(method: string, path: string, body?: object) =>
  made.bench.api.call<Answer>(made.token, method, path, body)
beforeAll(async () => {
  made = await openTablesBench()
  await makeBoats(made, { exposed: true, label: 'Boats' })
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

it('a column becomes one of another type after a look at the rows, and what does not fit goes only when that is said', async () => {
  await call('POST', '/admin/data/tables/boats/columns', { name: 'code', type: 'text' })
  for (const [id, code] of Object.entries({ 1: '12', 2: '007' })) await call('PATCH', `/data/boats/${id}`, { code })
  const page = await administrator(made.bench)
  await page.goto('/admin/tables/boats')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Change column code' }).click()
  await dialog.getByLabel('Type').selectOption('integer')
  await dialog.getByRole('button', { name: 'Look at the rows' }).click()
  await dialog.getByRole('alert').filter({ hasText: '1 value does not fit, in row 2.' }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(await dialog.getByRole('button', { name: 'Look at the rows' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Take out what does not fit').check()
  await dialog.getByRole('button', { name: 'Change column' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await call<object>('GET', '/data/boats/1')).toMatchObject({ code: 12 })
  expect(await call<object>('GET', '/data/boats/2')).toMatchObject({ code: null })
  await page.getByRole('button', { name: 'Change column code' }).click()
  await dialog.getByLabel('Type').selectOption('text')
  await dialog.getByRole('button', { name: 'Look at the rows' }).click()
  await dialog.getByText('Every value fits.').waitFor()
  await dialog.getByRole('button', { name: 'Change column' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await call<object>('GET', '/data/boats/1')).toMatchObject({ code: '12' })
  await call('DELETE', '/admin/data/tables/boats/columns/code')
})
