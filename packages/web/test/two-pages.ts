import type { Page } from 'playwright-core'
import type { TestBench } from './browser.ts'
import { openConversation, signIn, waitForMessage } from './pages.ts'
import type { TestUser } from './server.ts'

let count = 0

/** Two people with a conversation, both of them looking at it. */
export async function openTwoPages(bench: TestBench) {
  count += 1
  const anna = await bench.api.person(`anna${count}`, `Anna ${count}`)
  const jonas = await bench.api.person(`jonas${count}`, `Jonas ${count}`)
  const id = await bench.api.conversation(anna, jonas)
  await bench.api.send(anna, id, 'Shall we meet at noon?')
  const open = async (me: TestUser, other: TestUser): Promise<Page> => {
    const { page } = await bench.profile()
    await signIn(page, me)
    await openConversation(page, other.name)
    await waitForMessage(page, 'Shall we meet at noon?')
    return page
  }
  return { anna, jonas, id, one: await open(anna, jonas), two: await open(jonas, anna) }
}
