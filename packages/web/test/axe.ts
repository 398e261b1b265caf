import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import type { ProfileOptions } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is well and what nobody can tell is not written down: that takes longer than to look. */
async function run(page: Page): Promise<AxeResults> {
  // A page that was only changed still has it.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  return (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults
}

/** The rules that count, with the elements that break them. */
export async function violations(page: Page): Promise<string[]> {
  // Half-faded text has half the contrast. What turns for as long as somebody waits does not end, nor what follows the
  // scrolling.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect, timeline }) =>
          playState !== 'running' || effect?.getTiming().iterations === Infinity || timeline !== document.timeline,
      ),
  )
  const results = await run(page)
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}

export const looks: [string, ProfileOptions][] = [
  ['light and wide', {}],
  ['dark and wide', { dark: true }],
  ['light on a phone', { phone: true }],
  ['dark on a phone', { phone: true, dark: true }],
]

/** Whether something stands out to the right of the screen. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
