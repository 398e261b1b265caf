import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { signIn } from './pages.ts'
import type { TestUser } from './server.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A country beyond the edge of the view is an empty path. */
const outline = '.leaflet-outline-pane path:not([d="M0 0"])'

/** Of two dots, in pixels: on a map of the world they would be one. */
async function apartOnMap(page: Page): Promise<number> {
  const [one, other] = await page.locator('.leaflet-overlay-pane path.leaflet-interactive').all()
  const boxes = [await one?.boundingBox(), await other?.boundingBox()]
  return Math.abs((boxes[0]?.x ?? 0) - (boxes[1]?.x ?? 0))
}

let bench: TestBench
let mara: TestUser
let otto: TestUser
beforeAll(async () => {
  bench = await TestBench.open()
  mara = await bench.api.person('mara', 'Mara')
  otto = await bench.api.person('otto', 'Otto')
  const place = (name: string, lon: number, lat: number) =>
    bench.api.call(otto.token, 'POST', '/places', { name, location: { lon, lat }, visibility: 'public' })
  await place('Harbour', 8.541, 47.367)
  await place('Far lake', 9.4, 47.6)
  await bench.api.call(otto.token, 'PUT', '/users/me/location', { lon: 8.55, lat: 47.37, share: 'everyone' })
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

describe('G02: the nearby map', () => {
  it('G02: finds places near oneself, adds, changes and deletes one, and people nearby', async () => {
    const { page } = await bench.profile()
    const refused: string[] = []
    page.on('response', (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`))
    await page.context().grantPermissions(['geolocation'])
    await page.context().setGeolocation({ longitude: 8.54, latitude: 47.37 })
    await signIn(page, mara)
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Places' }).click()
    const list = page.getByRole('list', { name: 'Places' })
    await list.getByText('Far lake').waitFor()
    await page.locator(outline).first().waitFor()
    await eventually(() => apartOnMap(page)).toBeGreaterThan(20)

    await page.getByRole('button', { name: 'Near me' }).click()
    await list.getByText('342 m away').waitFor()
    expect(await list.getByText('Far lake').count()).toBe(0)

    await page.getByRole('button', { name: 'Add a place' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('My bench')
    await page.getByRole('button', { name: 'Save' }).click()
    await list.getByText('My bench').waitFor()
    await list.getByRole('button', { name: 'Edit My bench' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('My tree')
    await page.getByRole('button', { name: 'Save' }).click()
    await list.getByRole('button', { name: 'Delete My tree' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await eventually(() => list.getByText('My tree').count()).toBe(0)

    await page.getByText('Say roughly where you are').waitFor()
    await page.getByRole('button', { name: 'Use where I am now' }).click()
    await page.getByText('Friends can find you, to within 1 km.').waitFor()
    await page.getByRole('list', { name: 'People nearby' }).getByText('Otto').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Say roughly where you are').waitFor()
    expect(refused).toEqual([])
  })

  it.each([{ dark: false }, { dark: true, phone: true }])(
    'G02: without the browser’s help one searches around the middle of the map, %o',
    async (options) => {
      const { page } = await bench.profile(options)
      await signIn(page, mara, '/places')
      await page.getByRole('button', { name: 'Near me' }).click()
      await page.getByText('Your browser did not tell where you are').waitFor()
      await page.getByRole('button', { name: 'Around the middle of the map' }).click()
      await page.getByText('No places within this radius').waitFor()
      await page.evaluate(axe)
      const results = (await page.evaluate('axe.run(document)')) as AxeResults
      expect(results.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(width).toBeLessThanOrEqual(0)
    },
  )
})

describe('G02: a map from a tile server', () => {
  let isAway = false
  const asked: { path: string; referrer: string | undefined }[] = []
  const tile = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
    'base64',
  )
  const tiles = createServer((request, answer) => {
    if (isAway) return void answer.writeHead(503).end()
    asked.push({ path: request.url ?? '', referrer: request.headers.referer })
    answer.writeHead(200, { 'content-type': 'image/png' }).end(tile)
  })
  let tiled: TestBench
  beforeAll(async () => {
    tiles.listen(0, '127.0.0.1')
    await once(tiles, 'listening')
    const { port } = tiles.address() as AddressInfo
    const url = `http://127.0.0.1:${port}/{z}/{x}/{y}.png`
    tiled = await TestBench.open({ MAP_TILE_URL: url, MAP_TILE_ATTRIBUTION: '© <b>Somebody</b>' })
  })
  afterEach(() => tiled.endTest())
  afterAll(async () => {
    await tiled.close()
    tiles.close()
  })

  it('G02: its tiles are shown instead of the outline, its words as text, and it learns of no page', async () => {
    const user = await tiled.api.person('mara', 'Mara')
    const { page } = await tiled.profile()
    await signIn(page, user, '/places')
    await page.locator('img.leaflet-tile-loaded').first().waitFor()
    await page.getByText('© <b>Somebody</b>').waitFor()
    expect(await page.locator(outline).count()).toBe(0)
    expect(asked[0]?.path).toMatch(/^\/\d+\/\d+\/\d+\.png$/)
    for (const { referrer } of asked) expect(referrer).toBe(`${tiled.server.url}/`)
  })

  it('G02: where its tiles do not come, the outline is there', async () => {
    isAway = true
    const user = await tiled.api.person('nora', 'Nora')
    const { page } = await tiled.profile()
    await signIn(page, user, '/places')
    await page.locator(outline).first().waitFor()
  })
})
