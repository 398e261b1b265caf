import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, TestBench } from './browser.ts'
import { announcement, signIn } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

async function twoPeople(): Promise<[TestUser, TestUser]> {
  count += 1
  return [
    await bench.api.person(`ines${count}`, `Ines ${count}`),
    await bench.api.person(`paul${count}`, `Paul ${count}`),
  ]
}

const presence = async (asker: TestUser, of: TestUser): Promise<{ state: string }> => {
  const { data } = await bench.api.call<{ data: { state: string }[] }>(
    asker.token,
    'GET',
    `/presence?user_ids=${of.id}`,
  )
  return data[0] ?? { state: 'unknown' }
}

const peopleLink = 'Main'

describe('friends', () => {
  it('asks and is answered, live in two browsers, with a count in the navigation', async () => {
    const [ines, paul] = await twoPeople()
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, ines)
    await signIn(two.page, paul)
    // What happened before the page was live is in its lists, and not told.
    await eventually(async () => (await presence(paul, paul)).state).toBe('online')

    await one.page.goto(`/people/@${paul.username}`)
    await one.page.getByRole('button', { name: 'Add friend' }).click()
    await one.page.getByRole('button', { name: 'Take back' }).waitFor()

    const navigation = two.page.getByRole('navigation', { name: peopleLink })
    await navigation.getByRole('link', { name: /^People ?, 1 friend request/ }).click()
    await eventually(() => announcement(two.page).textContent()).toContain('would like to be friends')
    await two.page.getByRole('link', { name: 'See who' }).click()
    await two.page.getByRole('button', { name: `Accept the request of ${ines.name}` }).click()
    await two.page.getByText('Nobody is waiting for an answer.').waitFor()
    await navigation.getByRole('link', { name: 'People', exact: true }).waitFor()

    await one.page.getByText('Friends since').waitFor()
    await two.page.getByRole('navigation', { name: 'People sections' }).getByRole('link', { name: 'Friends' }).click()
    await two.page.getByRole('list', { name: 'Your friends' }).getByText(ines.name).waitFor()
  })

  it('takes a request back, which goes on the other side at once', async () => {
    const [ines, paul] = await twoPeople()
    await bench.api.call(ines.token, 'POST', '/friend-requests', { username: paul.username })
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, ines)
    await signIn(two.page, paul, '/people/requests')
    await two.page.getByRole('button', { name: `Decline the request of ${ines.name}` }).waitFor()
    await one.page.goto('/people/requests')
    await one.page.getByRole('button', { name: `Take back the request to ${paul.name}` }).click()
    await one.page.getByText('You are not waiting for anybody.').waitFor()
    await two.page.getByText('Nobody is waiting for an answer.').waitFor()
  })
})

describe('a blocked person', () => {
  it('is found no more, and can be let back in; on a phone', async () => {
    const [ines, paul] = await twoPeople()
    const { page } = await bench.profile({ phone: true })
    await signIn(page, ines, `/people/@${paul.username}`)
    await page.getByRole('button', { name: `More about ${paul.name}` }).click()
    await page.getByRole('menuitem', { name: 'Block' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()
    await page.goto('/people/blocked')
    await page.getByRole('button', { name: `Unblock ${paul.name}` }).click()
    await page.getByText('You haven’t blocked anybody').waitFor()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
  })
})

describe('how one is', () => {
  it('is chosen in the menu and seen by others at once', async () => {
    const [ines, paul] = await twoPeople()
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, ines)
    await signIn(two.page, paul, `/people/@${ines.username}`)
    await two.page.getByText('Online', { exact: true }).first().waitFor()

    await one.page.getByRole('button', { name: /^Your menu/ }).click()
    await one.page.getByRole('menuitem', { name: 'Set your status' }).click()
    const dialog = one.page.getByRole('dialog')
    await dialog.getByText('Do not disturb').click()
    await dialog.getByLabel('A few words').fill('Writing a letter')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await two.page.getByText('Do not disturb · Writing a letter').waitFor()
  })

  it('is hidden where the person does not show it', async () => {
    const [ines, paul] = await twoPeople()
    const { page } = await bench.profile()
    await signIn(page, ines, '/account/privacy')
    await page.getByLabel('Who sees whether you are here').selectOption('nobody')
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.reload()
    await eventually(() => page.getByLabel('Who sees whether you are here').inputValue()).toBe('nobody')
    const seen = await bench.api.call<{ data: { state: string }[] }>(paul.token, 'GET', `/presence?user_ids=${ines.id}`)
    expect(seen.data[0]?.state).toBe('offline')
  })
})
