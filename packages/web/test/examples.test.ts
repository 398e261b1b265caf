import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { deriveKeys } from '../../server/src/platform/keys.ts'
import { isTooWide, violations } from './axe.ts'
import { eventually, TestBench } from './browser.ts'
import { freePort, type TestUser } from './server.ts'

const secret = 'oZ4-uq8Wm_2rTt6yB1xKc9vLh3sDf7gN'
const root = join(import.meta.dirname, '../../..')
const fronts = ['react', 'vue', 'html'] as const
type Front = (typeof fronts)[number]

/** As the README of the example says it is started and built. */
const commandsOf = (front: Front): string[] =>
  [
    ...readFileSync(join(root, `examples/${front}/README.md`), 'utf8').matchAll(
      /^(npm run \w+ -w.*|node_modules\/.*)$/gm,
    ),
  ].map(([command]) => command)

let bench: TestBench
const addresses = new Map<Front, string>()
const running: ChildProcess[] = []

function run(command: string, env: Record<string, string>): ChildProcess {
  // A group of its own: npm starts the program, which is ended with it.
  const child = spawn('bash', ['-c', command], {
    cwd: root,
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })
  running.push(child)
  return child
}

beforeAll(async () => {
  for (const front of fronts) addresses.set(front, `http://localhost:${await freePort()}`)
  bench = await TestBench.open({
    ALLOWED_ORIGINS: [...addresses.values()].join(','),
    SECRET_KEY: secret,
    ACCESS_TOKEN_TOLERANCE_MINUTES: '0',
  })
  for (const [front, address] of addresses) {
    run(commandsOf(front)[0] ?? '', { ATRIUM_URL: bench.server.url, PORT: new URL(address).port })
    const answers = () =>
      fetch(address).then(
        ({ ok }) => ok,
        () => false,
      )
    await vi.waitUntil(answers, { timeout: 60_000, interval: 100 })
  }
})
afterEach(() => bench.endTest())
afterAll(async () => {
  for (const child of running) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  await bench.close()
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
const conversation = (page: Page, name: string) => page.getByRole('listitem').getByRole('button', { name })

async function say(page: Page, text: string): Promise<void> {
  await field(page, 'Message').fill(text)
  await field(page, 'Message').press('Enter')
}
const waitFor = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true }).waitFor()

async function signUp(page: Page, username: string): Promise<void> {
  await button(page, 'I am new here').click()
  await field(page, 'Username').fill(username)
  await field(page, 'Email').fill(`${username}@example.org`)
  await field(page, 'Password').fill('quiet garden walls')
  await button(page, 'Create account').click()
}

async function signIn(page: Page, { username, password }: Pick<TestUser, 'username' | 'password'>): Promise<void> {
  await field(page, 'Username or email').fill(username)
  await field(page, 'Password').fill(password)
  await button(page, 'Sign in').click()
}

/** As if its time had passed: the browser's access token, ended a second ago and rightly signed. */
async function endAccessToken(context: BrowserContext): Promise<void> {
  const cookie = (await context.cookies()).find(({ name }) => name === 'access_token_cookie')
  if (!cookie) throw new Error('Nobody is signed in')
  const [header, claims = ''] = cookie.value.split('.')
  const ended = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), exp: Math.floor(Date.now() / 1000) - 1 }
  const signed = `${header}.${Buffer.from(JSON.stringify(ended)).toString('base64url')}`
  const mark = createHmac('sha256', deriveKeys(secret).access).update(signed).digest('base64url')
  await context.addCookies([{ ...cookie, value: `${signed}.${mark}` }])
}

describe.each(fronts)('the front end in %s', (front) => {
  it('two people talk live, over a token that ended and a server that was started anew', async () => {
    const address = addresses.get(front) ?? ''
    const jonas = await bench.api.person(`jonas-${front}`, `Jonas ${front}`)
    const [{ page: one }, { page: two }] = [await bench.profile(), await bench.profile({ phone: true, dark: true })]
    await one.goto(address)
    await signUp(one, `anna-${front}`)
    await one.getByText('No conversations yet.').waitFor()
    await two.goto(address)
    await signIn(two, { ...jonas, password: 'another one' })
    await two.getByRole('alert').filter({ hasText: /./ }).waitFor()
    expect(await violations(two)).toEqual([])
    await signIn(two, jonas)
    await two.getByText('No conversations yet.').waitFor()

    await field(one, 'Write to').fill('nobody-of-that-name')
    await field(one, 'Write to').press('Enter')
    await one.getByRole('navigation').getByRole('alert').filter({ hasText: /./ }).waitFor()
    await field(one, 'Write to').fill(jonas.username)
    await field(one, 'Write to').press('Enter')
    await one.getByText(`Say hello to Jonas ${front}.`).waitFor()
    await say(one, 'Is the harbour open?')
    await waitFor(one, 'Is the harbour open?')

    await conversation(two, `anna-${front}`).getByText('1', { exact: true }).waitFor()
    await conversation(two, `anna-${front}`).click()
    await waitFor(two, 'Is the harbour open?')
    await say(two, '<b>It is</b>')
    await waitFor(one, '<b>It is</b>')
    await conversation(one, jonas.name).getByText(jonas.name, { exact: true }).waitFor()
    await one
      .getByLabel('File')
      .setInputFiles({ name: 'tide.txt', mimeType: 'text/plain', buffer: Buffer.from('low at noon') })
    const link = two.getByRole('link', { name: 'tide.txt' })
    await link.waitFor()
    expect(await (await two.request.get((await link.getAttribute('href')) ?? '')).text()).toBe('low at noon')
    for (const page of [one, two]) {
      expect(await violations(page)).toEqual([])
      expect(await isTooWide(page)).toBe(false)
    }

    await endAccessToken(two.context())
    const renewal = two.waitForResponse((answer) => answer.url().endsWith('/api/v1/auth/refresh'))
    await say(two, 'Come at noon')
    expect((await renewal).status()).toBe(200)
    await waitFor(one, 'Come at noon')

    await bench.server.kill()
    await say(one, 'I am on my way')
    await one.getByText('On its way…').waitFor()
    await two.getByText('Connecting…').waitFor()
    await bench.server.run()
    await waitFor(two, 'I am on my way')
    await eventually(() => one.getByText('On its way…').count()).toBe(0)
    await say(two, 'See you')
    await waitFor(one, 'See you')

    await one.reload()
    await conversation(one, `Jonas ${front}`).click()
    await waitFor(one, 'See you')
    expect(await one.getByRole('log').getByRole('listitem').count()).toBe(6)
    await two.getByRole('button', { name: 'Back' }).click()
    await button(two, 'Sign out').click()
    await button(two, 'Sign in').waitFor()
    await two.reload()
    await button(two, 'Sign in').waitFor()
  })
})

it('the front ends with a build step are built as their pages say', async () => {
  for (const front of ['react', 'vue'] as const) {
    const [, build = ''] = commandsOf(front)
    const child = run(build, {})
    expect([build, (await once(child, 'exit'))[0]]).toEqual([build, 0])
    expect(readFileSync(join(root, `examples/${front}/dist/index.html`), 'utf8')).toContain('/assets/')
  }
})
