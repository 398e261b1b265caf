import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../src/features/doctor/findings.ts'
import { doctor } from '../src/words/doctor/en.ts'
import { isTooWide, looks, violations } from './axe.ts'
import { TestBench } from './browser.ts'
import { signIn } from './pages.ts'
import { type Mistake, WrongProxy } from './wrong-proxy.ts'

let bench: TestBench
let proxy: WrongProxy
beforeAll(async () => {
  proxy = await WrongProxy.open()
  bench = await TestBench.open({ PUBLIC_URL: proxy.url })
  proxy.leadTo(bench.server.url)
})
afterEach(async () => {
  proxy.mistakes = []
  await bench.endTest()
})
afterAll(async () => {
  await bench.close()
  await proxy.close()
})

/** What this browser itself lacks, wherever it goes. */
const ofHeadless = new Set(['browser_push_denied', 'browser_push_missing'])

async function findingsOf(page: Page): Promise<string[]> {
  await page.locator('[data-testid="doctor-summary"][data-done="true"]').waitFor({ timeout: 60_000 })
  const ids = await page
    .locator('[data-finding]')
    .evaluateAll((cards) => cards.map((card) => card.getAttribute('data-finding') ?? ''))
  return ids.filter((id) => !ofHeadless.has(id)).sort()
}

const visit = async (page: Page, url = proxy.url) => {
  await page.goto(`${url}/doctor`)
  return findingsOf(page)
}

describe('W10: the browser side of the doctor', () => {
  it('finds nothing through a proxy that is right, signed out and signed in', async () => {
    const user = await bench.api.person('dora')
    const { page } = await bench.profile()
    expect(await visit(page)).toEqual([])
    await page.goto(`${proxy.url}/sign-in`)
    await page.getByLabel('Username or email').fill(user.username)
    await page.getByLabel('Password', { exact: true }).fill(user.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/messages')
    expect(await visit(page)).toEqual([])
  })

  const named: [id: string, mistake: Mistake][] = [
    ['browser_websocket', 'no-upgrade'],
    ['browser_polling', 'no-polling'],
    ['browser_upload_refused', 'small-bodies'],
    ['browser_stream_held', 'holds-answers'],
    ['browser_cookies_lost', 'drops-cookies'],
    ['browser_cookies_readable', 'opens-cookies'],
    ['browser_csrf_header', 'drops-csrf'],
    ['browser_policy_missing', 'drops-policy'],
    ['browser_not_compressed', 'drops-encodings'],
  ]
  it('finds what a proxy gets wrong, each by its name and nothing beside it', async () => {
    for (const [id, mistake] of named) {
      proxy.mistakes = [mistake]
      // Another profile each: a cookie or a file that came through before would hide it.
      const { page, close } = await bench.profile()
      expect(await visit(page), mistake).toEqual([id])
      await close()
    }
  }, 120_000)

  it('browser_answer_other, and the page opens where no session can be asked for', async () => {
    const { page } = await bench.profile()
    proxy.mistakes = ['other-program']
    await page.goto(`${proxy.url}/`)
    await page.getByRole('link', { name: 'Find out why' }).click()
    expect(await findingsOf(page)).toEqual(['browser_answer_other'])
    proxy.mistakes = []
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.getByText('not possible now').first().waitFor({ state: 'detached' })
    expect(await findingsOf(page)).toEqual([])
  })

  it('browser_address_other, browser_origin_refused', async () => {
    const { page } = await bench.profile()
    expect(await visit(page, bench.server.url)).toEqual(['browser_address_other'])
    const { page: second } = await bench.profile()
    const elsewhere = proxy.url.replace('localhost', 'other.localhost')
    expect(await visit(second, elsewhere)).toEqual(['browser_origin_refused', 'browser_websocket'])
  })

  it('browser_clock, browser_storage_off, browser_cookies_off, browser_push_missing', async () => {
    const { page } = await bench.profile()
    await page.addInitScript(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 95_000
      Reflect.deleteProperty(Window.prototype, 'indexedDB')
      Object.defineProperty(window, 'indexedDB', {
        get: () => {
          throw new Error('not here')
        },
      })
      Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false })
      Reflect.deleteProperty(window, 'PushManager')
    })
    expect(await visit(page)).toEqual(['browser_clock', 'browser_cookies_off', 'browser_storage_off'])
    await page.getByText(/This device is 9[45] s ahead/).waitFor()
    await page.locator('[data-finding="browser_push_missing"]').waitFor()
  })

  it('browser_offline: says so, and everything once the network is back', async () => {
    const { page } = await bench.profile()
    await visit(page)
    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.locator('[data-finding="browser_offline"]').waitFor()
    expect(await findingsOf(page)).toContain('browser_offline')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.locator('[data-finding="browser_offline"]').waitFor({ state: 'detached' })
    expect(await findingsOf(page)).toEqual([])
  })

  it('a report is sent, and read in the console', async () => {
    const link = bench.server.setupLink ?? ''
    const setup = { username: 'roy', email: 'roy@example.org', password: 'quiet garden walls' }
    const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token')
    await bench.api.call('', 'POST', '/setup', { token, ...setup })
    const { page } = await bench.profile()
    proxy.mistakes = ['no-upgrade']
    await visit(page)
    await page.getByLabel('What did not work?').fill('Messages come late')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('main').getByText('Your administrator can read it now').waitFor()
    proxy.mistakes = []

    const { page: admin } = await bench.profile()
    await signIn(admin, setup, '/admin/browsers')
    await admin.getByText('Messages come late').waitFor()
    await admin.getByText('Somebody who was not signed in').waitFor()
    await admin.getByText('No live connection can be made').waitFor()
    expect(await violations(admin)).toEqual([])
  })

  it.each(looks.filter((_look, index) => index === 0 || index === 3))('reads well %s', async (_name, options) => {
    proxy.mistakes = ['no-upgrade', 'holds-answers', 'no-polling']
    const { page } = await bench.profile(options)
    await visit(page)
    expect(await violations(page)).toEqual([])
    expect(await isTooWide(page)).toBe(false)
  })

  it('the guide lists every finding in the same words', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/guide/doctor.md'), 'utf8')
    const rows = Object.entries(findings).map(([id, severity]) => {
      const { title, cure } = doctor.doctor.found[id as keyof typeof findings]
      return `| \`browser_${id}\` | ${severity} | ${title} | ${cure} |`
    })
    expect(guide.split('\n').filter((line) => line.startsWith('| `browser_'))).toEqual(rows)
  })
})
