// A browser whose pages have a slow processor, and what its pages took.
import { get } from 'node:http'
import { chromium } from 'playwright-core'
import { findChromium } from '../../scripts/setup/programs.mjs'

const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync']

/** Undefined where there is none; tells so. */
export async function startBrowser(tell) {
  const executablePath = findChromium()
  if (!executablePath) tell('  left out: Chromium is not installed')
  return executablePath && chromium.launch({ executablePath, args })
}

/**
 * A page in a profile of its own, which has cached nothing, on a processor that is `slowdown` times as slow; `signIn` is
 * the body of a sign-in, `watch` a function that runs in the page before it does anything.
 */
export async function slowPage(browser, port, { slowdown, signIn, watch }) {
  const baseURL = `http://127.0.0.1:${port}`
  const context = await browser.newContext({ baseURL, locale: 'en-GB', viewport: { width: 1280, height: 800 } })
  if (signIn) {
    const answer = await context.request.post('/api/v1/auth/login', { data: signIn })
    if (!answer.ok()) throw new Error(`Signing in was answered with ${answer.status()}.`)
  }
  if (watch) await context.addInitScript(watch)
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  return { page, close: () => context.close() }
}

/** How many bytes the server answers with in this encoding; an error when it takes another one. */
export function bytesAsServed(url, encoding) {
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': encoding }
    get(url, { headers }, (response) => {
      const used = response.headers['content-encoding']
      if (response.statusCode !== 200 || used !== encoding)
        reject(new Error(`${url} was answered with ${response.statusCode}, ${used ?? 'not compressed'}.`))
      let bytes = 0
      response.on('data', (chunk) => {
        bytes += chunk.length
      })
      response.on('end', () => resolve(bytes))
    }).on('error', reject)
  })
}
