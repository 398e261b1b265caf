import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { isTooWide, looks, violations } from './axe.ts'
import { eventually } from './browser.ts'
import { signIn } from './pages.ts'
import type { TestUser } from './server.ts'
import { administrator, dora, openTablesBench, type TablesBench } from './tables-bench.ts'

let made: TablesBench
beforeAll(async () => {
  made = await openTablesBench()
})
afterEach(() => made.bench.endTest())
afterAll(() => made.bench.close())

const history = '**/admin/metrics/history*'

/** An hour such as a busy server has, with an error in its last minute. */
function busyHour() {
  const newest = Date.now()
  const wave = (index: number, period: number) => 1 + Math.sin((index / period) * 2 * Math.PI)
  return {
    since: new Date(newest - 7_200_000).toISOString(),
    processes: 1,
    step_seconds: 10,
    pool_max: 10,
    data: Array.from({ length: 360 }, (_, index) => ({
      at: new Date(newest - (359 - index) * 10_000).toISOString(),
      requests: Math.round(400 + 150 * wave(index, 90) + 40 * wave(index, 7)),
      errors: index > 355 ? 3 : 0,
      p50_ms: 4,
      p95_ms: 18 + 6 * wave(index, 40) + (index % 97 === 0 ? 60 : 0),
      sockets: 1200 + index,
      pending: index % 60 < 5 ? 30 : 0,
      pool_in_use: Math.round(3 * wave(index, 30)),
      pool_waiting: index === 359 ? 2 : 0,
      queries: 2000 + Math.round(900 * wave(index, 90)),
      query_p95_ms: 1.5 + wave(index, 20),
      busy: 0.2 + 0.1 * wave(index, 90),
      memory: 300e6 + index * 50_000,
    })),
  }
}

const leaf = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
  'base64',
)
const upload = async (who: TestUser, name: string, bytes: Buffer, fields: Record<string, string> = {}) => {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(bytes)]), name)
  for (const [field, value] of Object.entries(fields)) form.append(field, value)
  const headers = { authorization: `Bearer ${who.token}` }
  const answer = await fetch(`${made.bench.server.url}/api/v1/files`, { method: 'POST', headers, body: form })
  expect(answer.status).toBe(201)
}

it('H03: opens the administration, and shows in numbers and lines what the server measures', async () => {
  const page = await administrator(made.bench)
  await page.getByRole('link', { name: 'Admin', exact: true }).click()
  await page.waitForURL('**/admin/overview')
  await page.getByText('Database', { exact: true }).waitFor()
  await page
    .getByText(/^works/)
    .first()
    .waitFor()
  // The server's own step of ten seconds, and one more look of the page.
  const sockets = page.getByRole('img', { name: /^Live connections: 1 now/ })
  await sockets.waitFor({ timeout: 30_000 })
  await page.getByRole('img', { name: /^Requests per second: / }).waitFor()
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByRole('rowheader', { name: 'now' }).waitFor()
  expect(await page.getByRole('columnheader').count()).toBe(11)
}, 60_000)

it('asks for what is new alone, not while nobody looks, and says when the server is out of reach', async () => {
  const { page } = await made.bench.profile()
  await page.clock.install()
  const hour = busyHour()
  const asked: (string | null)[] = []
  let isAway = false
  await page.route(history, (route) => {
    if (isAway) return route.abort()
    const after = new URL(route.request().url()).searchParams.get('after')
    asked.push(after)
    return route.fulfill({ json: { ...hour, data: after === null ? hour.data.slice(0, -1) : hour.data.slice(-1) } })
  })
  await signIn(page, dora, '/admin/overview')
  await page.getByRole('img', { name: /^Live connections: 1,558 now/ }).waitFor()
  expect(asked).toEqual([null])
  await page.clock.runFor(11_000)
  await page.getByRole('img', { name: /^Live connections: 1,559 now/ }).waitFor()
  await page.getByText('of 10, 2 waiting for one').waitFor()
  expect(asked).toEqual([null, hour.data.at(-2)?.at])

  const look = (state: string) =>
    page.evaluate((to) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }, state)
  await look('hidden')
  const before = asked.length
  await page.clock.runFor(60_000)
  expect(asked).toHaveLength(before)
  await look('visible')
  await eventually(() => asked.length).toBeGreaterThan(before)

  isAway = true
  await page.clock.runFor(20_000)
  await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor()
  expect(await page.getByRole('img', { name: /^Live connections: 1,559 now/ }).count()).toBe(1)
})

it('says when there is nothing yet, when it failed, and to whom it is not shown', async () => {
  const page = await administrator(made.bench)
  let asked = 0
  let isAway = true
  await page.route(history, (route) => {
    asked++
    return isAway ? route.fulfill({ status: 500, body: '{}' }) : route.fulfill({ json: { ...busyHour(), data: [] } })
  })
  await page.goto('/admin/overview')
  await page.getByText('The numbers could not be loaded').waitFor()
  const before = asked
  await page.getByRole('button', { name: 'Try again' }).click()
  await eventually(async () => asked > before).toBe(true)
  isAway = false
  // By itself, too.
  await page.getByText('The first numbers come within ten seconds.').waitFor()

  const role = { name: 'readers', permissions: ['audit:read'], inherits: ['user'] }
  await made.bench.api.call(made.token, 'POST', '/admin/roles', role)
  const ben = await made.bench.api.person('ben', 'Ben')
  await made.bench.api.call(made.token, 'PATCH', `/admin/users/${ben.id}`, { roles: ['readers'] })
  const his = (await made.bench.profile()).page
  await signIn(his, ben, '/admin')
  await his.waitForURL('**/admin/audit')
  expect(await his.getByRole('link', { name: 'Overview' }).count()).toBe(0)
})

it('finds a file of somebody by its owner, shows a picture that everybody may see, and removes one', async () => {
  const anna = await made.bench.api.person('anna', 'Anna')
  await upload(anna, 'a very quiet plan.txt', Buffer.from('a plan'))
  await upload(anna, 'leaf.png', leaf, { visibility: 'public' })
  await upload(anna, 'letter.bin', Buffer.alloc(1_200_000, 1))
  const page = await administrator(made.bench)
  let isAway = true
  await page.route(/api\/v1\/admin\/files(\?|$)/, (route) =>
    isAway ? route.fulfill({ status: 500, body: '{}' }) : route.continue(),
  )
  await page.goto('/admin/files')
  const again = page.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  isAway = false
  await again.click()
  const rows = page.getByTestId('admin-file')
  await rows.filter({ hasText: 'leaf.png' }).getByRole('link', { name: 'leaf.png' }).waitFor()
  await eventually(() =>
    rows.locator('img[src*="w=128"]').evaluate((image: HTMLImageElement) => image.naturalWidth),
  ).toBe(1)
  expect(await rows.getByRole('link', { name: 'a very quiet plan.txt' }).count()).toBe(0)

  await page.getByLabel('Size').selectOption('From 1 MB')
  await eventually(() => rows.count()).toBe(1)
  await page.getByLabel('Size').selectOption('Any size')
  await page.getByLabel('Owner').fill('nobody of this name')
  await page.getByText('No file is like this.').waitFor()
  await page.getByRole('region', { name: 'Who takes the most room' }).getByRole('link', { name: /Anna/ }).click()
  await page.getByText('Only the files of one account are shown.').waitFor()
  await page.getByLabel('Part of the name').fill('QUIET')
  await eventually(() => rows.count()).toBe(1)
  await page.getByRole('button', { name: 'Remove a very quiet plan.txt of Anna' }).click()
  await page.getByRole('button', { name: 'Remove for good' }).click()
  await page.getByText('No file is like this.').waitFor()
  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.getByLabel('What happened').selectOption('file_removed')
  await page.getByRole('listitem').filter({ hasText: 'file_removed' }).first().waitFor()
})

it.each(looks)('has no serious axe finding: %s', async (_name, look) => {
  const page = await administrator(made.bench, look)
  await page.route(history, (route) => route.fulfill({ json: busyHour() }))
  await page.goto('/admin/overview')
  await page.getByRole('img').first().waitFor()
  await page
    .getByText(/^works/)
    .first()
    .waitFor()
  const found = [...(await violations(page)), ...((await isTooWide(page)) ? ['too wide'] : [])]
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByRole('rowheader', { name: 'now' }).waitFor()
  found.push(...(await violations(page)), ...((await isTooWide(page)) ? ['table too wide'] : []))
  await page.goto('/admin/files')
  await page.getByTestId('admin-file').first().waitFor()
  await page.getByRole('region', { name: 'Who takes the most room' }).waitFor()
  found.push(...(await violations(page)), ...((await isTooWide(page)) ? ['files too wide'] : []))
  expect(found).toEqual([])
})
