// P9: what the web app asks of a browser with a slow processor: its scripts, its first page, an answer, a long list.
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { inTurn, spread } from '../harness/rounds.mjs'
import { openConversations, register, signInOf, startAtrium } from '../subjects/atrium.mjs'
import { bytesAsServed, slowPage, startBrowser } from '../subjects/browser.mjs'
import { fillSqlite } from '../subjects/history.mjs'
import { scrollBack, watchPaints } from '../subjects/page-watch.mjs'

const slowdown = 4
/** A whole history takes a minute or more each time. */
const mostScrolls = 3
const limitMs = 600_000

const startHere = async ({ main }, folder, dataDir) => {
  const port = await freePort()
  const settings = { PUBLIC_URL: `http://127.0.0.1:${port}` }
  return startAtrium({ name: 'the web app', main, folder, dataDir, port, settings })
}

/** Nothing where there is no browser. */
export async function webApp({ builds: [build], folder, options, history, tell }) {
  const browser = await startBrowser(tell)
  if (!browser) return []
  try {
    return [
      await signInPage(browser, build, folder, options, tell),
      await longList(browser, build, folder, history, options, tell),
    ]
  } finally {
    await browser.close()
  }
}

async function signInPage(browser, build, folder, options, tell) {
  const server = await startHere(build, folder)
  const subject = { name: 'sign-in page', measure: () => visit(browser, server.port) }
  const results = await inTurn([subject], { ...options, tell, of: 'largestPaint', unit: ' ms' })
  await server.stop()
  const rounds = results.get(subject.name)
  const figure = (what, unit, key, atMost) => ({ what, unit, ...spread(rounds.map((each) => each[key])), atMost })
  return {
    id: 'P9',
    title: `the sign-in page, nothing cached, processor slowed ${slowdown} times`,
    figures: [
      figure('scripts with Brotli', 'kB', 'br', 150),
      figure('scripts with gzip', 'kB', 'gzip'),
      figure('everything the page loads, as the browser asked for it', 'kB', 'all'),
      figure('first contentful paint', 'ms', 'firstPaint'),
      figure('largest contentful paint', 'ms', 'largestPaint', 1500),
      figure('a key in the field of the name, until it is painted, the slowest of each round', 'ms', 'key'),
      figure('pressing Sign in, until something is painted', 'ms', 'press'),
      figure('pressing Sign in with a wrong password, until the refusal is painted', 'ms', 'refusal'),
    ],
    rounds,
  }
}

async function visit(browser, port) {
  const { page, close } = await slowPage(browser, port, { slowdown, watch: watchPaints })
  try {
    const loaded = []
    page.on('requestfinished', (request) => loaded.push(request))
    await page.goto('/sign-in', { waitUntil: 'networkidle' })
    const name = page.getByLabel('Username or email')
    await name.waitFor()
    const before = [...loaded]
    await name.click()
    await page.keyboard.type('nobody-at-all', { delay: 80 })
    await page.getByLabel('Password', { exact: true }).fill('a wrong guess')
    await page.evaluate(() => window.watched.press())
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').first().waitFor()
    // An event is told with the frame after it.
    await page.waitForTimeout(500)
    const { refusal, ...paints } = await page.evaluate(() => window.watched.read())
    if (!(refusal > 0)) throw new Error('The refusal of a wrong password was not seen.')
    if (!(paints.largestPaint > 0)) throw new Error('The browser told of no largest paint.')
    return { ...(await weigh(before)), ...paints, refusal }
  } finally {
    await close()
  }
}

/** kB of what was loaded until the page was there; what the worker of the page fetches for later is no part of it. */
async function weigh(requests) {
  const sizes = await Promise.all(requests.map((request) => request.sizes()))
  const scripts = requests.filter((request) => request.resourceType() === 'script').map((request) => request.url())
  if (scripts.length === 0) throw new Error('The page loaded no script.')
  const sum = (list) => list.reduce((a, b) => a + b, 0) / 1000
  const scriptsIn = async (encoding) => sum(await Promise.all(scripts.map((url) => bytesAsServed(url, encoding))))
  return {
    scripts: scripts.length,
    br: await scriptsIn('br'),
    gzip: await scriptsIn('gzip'),
    all: sum(sizes.map(({ responseBodySize }) => responseBodySize)),
  }
}

async function longList(browser, build, folder, history, options, tell) {
  const first = await startHere(build, folder)
  const people = await register(first.port, 2)
  await openConversations(first.port, people)
  await first.stop()
  fillSqlite(join(first.dataDir, 'atrium.db'), people, history)
  const server = await startHere(build, folder, first.dataDir)
  const rounds = Math.min(options.rounds, mostScrolls)
  const subject = { name: 'scrolling', measure: () => scroll(browser, server.port, people[0], history) }
  const results = await inTurn([subject], { ...options, rounds, tell, of: 'slow', unit: ' frames over 50 ms' })
  await server.stop()
  const list = results.get(subject.name)
  const figure = (what, unit, key) => ({ what, unit, ...spread(list.map((each) => each[key])) })
  return {
    id: 'P9',
    title: `scrolling back through ${history.toLocaleString('en')} messages, processor slowed ${slowdown} times`,
    figures: [
      figure('frames', '', 'frames'),
      figure('of them over 50 ms', '', 'slow'),
      figure('of those, in the first tenth of the messages', '', 'slowEarly'),
      figure('of those, in the last tenth', '', 'slowLate'),
      figure('the slowest frame', 'ms', 'slowest'),
      figure('the whole way', 's', 'seconds'),
      figure('rows in the page at the end', '', 'rows'),
    ],
    rounds: list,
  }
}

async function scroll(browser, port, person, history) {
  const { page, close } = await slowPage(browser, port, { slowdown, signIn: signInOf(person) })
  page.setDefaultTimeout(limitMs)
  try {
    await page.goto(`/messages/${person.conversation}`)
    await page.locator('[data-message]').first().waitFor()
    const seen = await page.evaluate(scrollBack, { history, limitMs })
    if (!seen.isAtBeginning)
      throw new Error(`Scrolling came to message ${seen.reached} of ${history}, not to the first.`)
    return seen
  } finally {
    await close()
  }
}
