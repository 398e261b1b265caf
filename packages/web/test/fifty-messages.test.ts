import type { List, Message } from '@atrium/client'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TestBench } from './browser.ts'
import {
  messageScroller,
  openConversation,
  sendMessage,
  shownMessages,
  signUp,
  startConversation,
  waitForMessage,
} from './pages.ts'

const each = 50
/** The server is killed when both have typed so many, and comes back when both have typed some more. */
const typedBeforeKill = 20
const typedBeforeReturn = 28

let bench: TestBench
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

const account = (username: string) => ({
  username,
  email: `${username}@example.org`,
  password: 'quiet garden walls',
})

const textsOf = (name: string) => Array.from({ length: each }, (_, index) => `${name} says ${index + 1}`)

/** Resolves when all who take part have come. */
class Gate {
  readonly #reached = Promise.withResolvers<void>()
  #missing: number

  constructor(parties: number) {
    this.#missing = parties
  }

  come(): void {
    if (--this.#missing === 0) this.#reached.resolve()
  }

  get passed(): Promise<void> {
    return this.#reached.promise
  }
}

/** The whole conversation as this page shows it, after going up to its beginning. */
async function wholeConversation(page: Page): Promise<string[]> {
  await expect
    .poll(
      async () => {
        await messageScroller(page).evaluate((element) => element.scrollTo({ top: -element.scrollHeight }))
        return (await shownMessages(page)).length
      },
      { timeout: 20_000, interval: 100 },
    )
    .toBeGreaterThanOrEqual(2 * each)
  return (await shownMessages(page)).map(({ text }) => text)
}

const storedMessages = (page: Page): Promise<Message[]> =>
  page.evaluate(async () => {
    const id = location.pathname.split('/').at(-1)
    const response = await fetch(`/api/v1/conversations/${id}/messages?after=0&limit=100`)
    return ((await response.json()) as List<Message>).data
  })

it('fifty messages each way, with the server killed in between, arrive once and in one order', async () => {
  const profiles = [await bench.profile(), await bench.profile()] as const
  const [ada, ben] = [profiles[0].page, profiles[1].page]
  await signUp(ada, account('ada'))
  await signUp(ben, account('ben'))
  await startConversation(ada, 'ben')
  const [first = '', ...rest] = textsOf('ada')
  await sendMessage(ada, first)
  await openConversation(ben, 'ada')
  await waitForMessage(ben, first)

  const [kill, killed, comeBack] = [new Gate(2), new Gate(1), new Gate(2)]
  const type = async (page: Page, texts: string[], typedAlready: number) => {
    for (const [index, text] of texts.entries()) {
      await sendMessage(page, text)
      const typed = typedAlready + index + 1
      if (typed === typedBeforeKill) {
        kill.come()
        await killed.passed
      }
      if (typed === typedBeforeReturn) comeBack.come()
      await page.waitForTimeout(30)
    }
  }
  const crash = async () => {
    await kill.passed
    await bench.server.kill('SIGKILL')
    killed.come()
    await comeBack.passed
    await bench.server.run()
  }
  await Promise.all([type(ada, rest, 1), type(ben, textsOf('ben'), 0), crash()])

  for (const page of [ada, ben]) for (const name of ['ada', 'ben']) await waitForMessage(page, `${name} says ${each}`)
  const [seenByAda, seenByBen] = [await wholeConversation(ada), await wholeConversation(ben)]
  expect(seenByAda.toSorted()).toEqual([...textsOf('ada'), ...textsOf('ben')].sort())
  expect(seenByBen).toEqual(seenByAda)
  for (const name of ['ada', 'ben']) {
    expect(seenByAda.filter((text) => text.startsWith(name))).toEqual(textsOf(name))
  }
  for (const page of [ada, ben]) {
    const stored = await storedMessages(page)
    expect(stored.map(({ text }) => text)).toEqual(seenByAda)
    expect(stored.map(({ number }) => number)).toEqual(stored.map((_, index) => index + 1))
    await page.reload()
    expect(await wholeConversation(page)).toEqual(seenByAda)
    expect((await shownMessages(page)).filter(({ state }) => state !== 'sent')).toEqual([])
  }
})
