import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { TestApi, TestServer } from './server.ts'

const places = [
  process.env.ATRIUM_TEST_CHROMIUM,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Refusals the app expects and answers with words; Chromium reports each of them as an error. */
const expected = /Failed to load resource|WebSocket connection to .* failed|net::ERR_/

/** For what becomes true after a while, on a machine that has other things to do as well. */
export const eventually = <Value>(look: () => Value) => expect.poll(look, { timeout: 10_000, interval: 50 })

export interface ProfileOptions {
  width?: number
  height?: number
  dark?: boolean
  /** A phone: touch, no mouse. */
  phone?: boolean
  reducedMotion?: boolean
}

/** A page in a browser profile of its own: other cookies, other storage. */
export interface Profile {
  page: Page
  /** Errors in the console and violations of the content security policy; a test ends with none. */
  troubles: string[]
  close(): Promise<void>
}

/** One server and one browser, as many profiles as a test needs. */
export class TestBench {
  readonly server: TestServer
  readonly api: TestApi
  readonly #browser: Browser
  readonly #profiles: Profile[] = []

  private constructor(server: TestServer, browser: Browser) {
    this.server = server
    this.api = new TestApi(server.url)
    this.#browser = browser
  }

  /** With settings of the server beyond those of every test. */
  static async open(variables: Record<string, string> = {}): Promise<TestBench> {
    const executablePath = places.find((place) => place && existsSync(place))
    if (!executablePath) throw new Error('Chromium is missing: npm run pretest installs it')
    const browser = await chromium.launch({ executablePath, args })
    try {
      return new TestBench(await TestServer.start(variables), browser)
    } catch (error) {
      await browser.close()
      throw error
    }
  }

  async profile(options: ProfileOptions = {}): Promise<Profile> {
    const { width = options.phone ? 390 : 1280, height = options.phone ? 844 : 800 } = options
    const settings: BrowserContextOptions = {
      baseURL: this.server.url,
      viewport: { width, height },
      colorScheme: options.dark ? 'dark' : 'light',
      reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
      locale: 'en-GB',
      timezoneId: 'Europe/London',
      hasTouch: options.phone ?? false,
      isMobile: options.phone ?? false,
    }
    const context = await this.#browser.newContext(settings)
    context.setDefaultTimeout(30_000)
    const troubles: string[] = []
    await context.exposeBinding('reportViolation', (_source, violation: string) => troubles.push(violation))
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const report = Reflect.get(window, 'reportViolation') as (text: string) => void
        report(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
      })
    })
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' && !expected.test(message.text())) troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(String(error.stack ?? error)))
    const profile = { page, troubles, close: () => context.close() }
    this.#profiles.push(profile)
    return profile
  }

  /** Ends the profiles of a test. Throws when one of them had troubles. */
  async endTest(): Promise<void> {
    const troubles = this.#profiles.flatMap((profile) => profile.troubles)
    await Promise.all(this.#profiles.splice(0).map((profile) => profile.close()))
    if (troubles.length > 0) throw new Error(`The browser reported:\n${troubles.join('\n')}`)
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.server.stop()
  }
}
