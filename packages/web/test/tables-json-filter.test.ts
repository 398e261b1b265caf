import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { violations } from './axe.ts'
import { eventually } from './browser.ts'
import { administrator, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
beforeAll(async () => {
  made = await openTablesBench()
  const { bench, token } = made
  await bench.api.call(token, 'POST', '/admin/data/tables', {
    name: 'buoys',
    columns: [
      { name: 'name', type: 'text', length: 80, nullable: false },
      { name: 'lights', type: 'json' },
      { name: 'at', type: 'json' },
    ],
  })
  await bench.api.call(token, 'PUT', '/admin/data/tables/buoys', { exposed: true, label: 'Buoys' })
  const point = (lon: number, lat: number) => ({ type: 'Point', coordinates: [lon, lat] })
  await bench.api.call(token, 'POST', '/data/buoys', [
    { name: 'Kiel', lights: ['red', 7], at: point(10.16, 54.4) },
    { name: 'Fehmarn', lights: ['green', '7'], at: point(11.2, 54.5) },
    { name: 'Skagen', lights: null, at: point(10.7, 57.8) },
  ])
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

it('a filter asks what an array holds, and where a point lies', async () => {
  const page = await administrator(made.bench)
  await page.goto('/data/buoys')
  await page.getByText('3 rows').waitFor()
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  const column = page.getByLabel('Column', { exact: true })
  const comparison = page.getByLabel('Comparison')
  const isShown = async (...names: string[]) => {
    await page.getByText(names.length === 1 ? '1 row' : `${names.length} rows`, { exact: true }).waitFor()
    for (const name of names) await page.getByRole('gridcell', { name, exact: true }).waitFor()
  }
  await column.selectOption('lights')
  await page.getByLabel('Value', { exact: true }).fill('7')
  await isShown('Kiel')
  await page.getByLabel('Value', { exact: true }).fill('"7", red')
  await isShown('Kiel', 'Fehmarn')
  await comparison.selectOption('holds all of')
  await page.getByText('Nothing fits', { exact: false }).or(page.getByText('0 rows')).first().waitFor()

  await column.selectOption('at')
  await comparison.selectOption('is near')
  await page.getByLabel('Longitude').fill('10.2')
  await page.getByLabel('Latitude').fill('54.4')
  await page.getByLabel('Metres').fill('5000')
  await isShown('Kiel')
  expect(await violations(page)).toEqual([])
  await comparison.selectOption('is in the box')
  for (const [side, degrees] of [
    ['West', '10'],
    ['South', '54.45'],
    ['East', '12'],
    ['North', '60'],
  ] as const)
    await page.getByLabel(side, { exact: true }).fill(degrees)
  await isShown('Fehmarn', 'Skagen')
  await comparison.selectOption('is in the area')
  await page.getByLabel('Area as GeoJSON').fill('{"type":')
  await page.getByText('This is no GeoJSON Polygon').waitFor()
  expect(await violations(page)).toEqual([])
  const coordinates = [
    [
      [10, 54],
      [11, 54],
      [10, 55],
      [10, 54],
    ],
  ]
  await page.getByLabel('Area as GeoJSON').fill(JSON.stringify({ type: 'Polygon', coordinates }))
  await isShown('Kiel')
  await eventually(() => page.getByText('This is no GeoJSON Polygon').count()).toBe(0)
  // It is the address, which shows it again.
  await page.reload()
  await isShown('Kiel')
})

it('the fields of a place fit on a phone', async () => {
  const page = await administrator(made.bench, { phone: true, width: 360, dark: true })
  const filter = encodeURIComponent(
    JSON.stringify({
      and: [{ at: { bbox: [10, 54.45, 12, 60] } }, { at: { near: [10, 55, 900000] } }, { lights: { has_any: ['7'] } }],
    }),
  )
  await page.goto(`/data/buoys?filter=${filter}`)
  await page.getByText('1 row', { exact: true }).waitFor()
  await page.getByLabel('North', { exact: true }).waitFor()
  expect(await page.getByLabel('Value', { exact: true }).inputValue()).toBe('"7"')
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(await violations(page)).toEqual([])
})
