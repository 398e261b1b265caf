import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { violations } from './axe.ts'
import { TestBench } from './browser.ts'
import { signIn } from './pages.ts'
import { tokenOf } from './server.ts'

const dora = { username: 'dora', password: 'a quiet harbour at dawn' }
let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

it('L02: an administrator sees who is slowed down, goes to their account, and lifts it', async () => {
  const token = tokenOf(bench.server.setupLink ?? '')
  await bench.api.call('', 'POST', '/setup', { token, email: 'dora@example.com', ...dora })
  const anna = await bench.api.person('anna', 'Anna')
  /** Five reports an hour; the sixth is refused. */
  const reportTooOften = async (signedIn: { authorization?: string }) => {
    let status = 0
    for (let i = 0; i < 6; i++) {
      const headers = { 'content-type': 'application/json', ...signedIn }
      const request = { method: 'POST', headers, body: JSON.stringify({ findings: [] }) }
      status = (await fetch(`${bench.server.url}/api/v1/doctor/report`, request)).status
    }
    expect(status).toBe(429)
  }
  const asAnna = { authorization: `Bearer ${anna.token}` }
  await reportTooOften(asAnna)
  await reportTooOften({})

  const { page } = await bench.profile()
  await signIn(page, dora)
  await page.goto('/admin/limits')
  const list = page.getByRole('list', { name: 'Limits' })
  await list.getByText(/^(127\.0\.0\.1|::\/64)$/).waitFor()
  await list.getByText('doctor-report').first().waitFor()
  expect(await violations(page)).toEqual([])
  const row = list.getByRole('listitem').filter({ hasText: 'Anna (@anna)' })
  await row.getByRole('button', { name: 'Lift' }).click()
  await row.waitFor({ state: 'detached' })
  expect(await list.getByRole('listitem').count()).toBe(1)

  await reportTooOften(asAnna)
  await page.reload()
  await list.getByRole('link', { name: 'Anna (@anna)' }).click()
  await page.waitForURL(`**/admin/users/${anna.id}`)
})
