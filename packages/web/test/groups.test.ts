import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { picture } from '../../server/test/pictures.ts'
import { eventually, TestBench } from './browser.ts'
import { composer, conversationItem, openConversation, sendMessage, signIn, unreadOf, waitForMessage } from './pages.ts'
import type { TestUser } from './server.ts'

let bench: TestBench
let count = 0
beforeAll(async () => {
  bench = await TestBench.open()
})
afterEach(() => bench.endTest())
afterAll(() => bench.close())

async function threePeople(): Promise<[TestUser, TestUser, TestUser]> {
  count += 1
  return [
    await bench.api.person(`vera${count}`, `Vera ${count}`),
    await bench.api.person(`karl${count}`, `Karl ${count}`),
    await bench.api.person(`rosa${count}`, `Rosa ${count}`),
  ]
}

const group = async (owner: TestUser, title: string, members: TestUser[], more: object = {}): Promise<string> =>
  (
    await bench.api.call<{ id: string }>(owner.token, 'POST', '/conversations', {
      kind: 'group',
      title,
      member_ids: members.map(({ id }) => id),
      ...more,
    })
  ).id

describe('a group', () => {
  it('is begun with people, and is there for them at once', async () => {
    const [vera, karl] = await threePeople()
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, vera)
    await signIn(two.page, karl)
    await one.page.getByRole('button', { name: 'New conversation' }).click()
    await one.page.getByRole('menuitem', { name: 'New group' }).click()
    await one.page.getByLabel('Name', { exact: true }).fill('Garden club')
    await one.page.getByRole('combobox', { name: 'People' }).fill(karl.username)
    await one.page.getByRole('option', { name: karl.name }).click()
    await one.page.getByRole('button', { name: 'Create group' }).click()
    await composer(one.page).waitFor()
    await sendMessage(one.page, 'Who waters on Sunday?')
    await openConversation(two.page, 'Garden club')
    await waitForMessage(two.page, 'Who waters on Sunday?')
  })

  it('shows its members, gives roles, and lets go of those who are removed', async () => {
    const [vera, karl, rosa] = await threePeople()
    const title = `Choir ${count}`
    const id = await group(vera, title, [karl, rosa])
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, vera, `/messages/${id}`)
    await signIn(two.page, karl, `/messages/${id}`)
    await one.page.getByRole('button', { name: `About ${title}` }).click()
    const members = one.page.getByRole('list', { name: `Members of ${title}` })
    await eventually(() => members.getByTestId('member').count()).toBe(3)
    await one.page.getByRole('button', { name: `Actions for ${rosa.name}` }).click()
    await one.page.getByRole('menuitem', { name: 'Make an admin' }).click()
    await members.getByText('Admin', { exact: true }).waitFor()

    await one.page.getByRole('button', { name: `Actions for ${karl.name}` }).click()
    // The other menu is fading out.
    const actions = one.page.getByRole('menu', { name: `Actions for ${karl.name}` })
    await actions.getByRole('menuitem', { name: 'Remove' }).click()
    await one.page
      .getByRole('dialog', { name: `Remove ${karl.name}?` })
      .getByRole('button', { name: 'Remove' })
      .click()
    await eventually(() => members.getByTestId('member').count()).toBe(2)
    await two.page.getByText('This conversation isn’t here').waitFor()
  })

  it('has a picture that its admins choose and take away, and everybody sees', async () => {
    const [vera, karl] = await threePeople()
    const title = `Bakery ${count}`
    const id = await group(vera, title, [karl])
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, vera)
    await signIn(two.page, karl)
    await one.page.goto(`/messages/${id}`)
    await one.page.getByRole('button', { name: `About ${title}` }).click()
    await one.page.getByTestId('avatar-picker').setInputFiles({
      name: 'bread.png',
      mimeType: 'image/png',
      buffer: await picture(300, 200),
    })
    await one.page.getByRole('button', { name: 'Save picture' }).click()
    const face = (page: Page) => conversationItem(page, title).locator('img')
    await face(two.page).waitFor()
    await face(one.page).waitFor()
    expect(await face(two.page).getAttribute('src')).toContain('/api/v1/files/')
    await one.page.getByRole('button', { name: 'Remove picture' }).click()
    await face(two.page).waitFor({ state: 'detached' })
    await one.page.getByRole('button', { name: 'Choose a picture' }).waitFor()
  })

  it('finds one of many members, in its list and after an @', async () => {
    const [vera] = await threePeople()
    const title = `Orchestra ${count}`
    const others: TestUser[] = []
    for (let each = 1; each <= 12; each++) others.push(await bench.api.person(`oboe${count}x${each}`, `Player ${each}`))
    const id = await group(vera, title, others)
    const { page } = await bench.profile()
    await signIn(page, vera, `/messages/${id}`)
    for (const [index, { username }] of others.entries()) {
      await composer(page).fill('')
      await composer(page).pressSequentially(`@${username}`)
      await page.getByRole('option', { name: new RegExp(`Player ${index + 1}\\b`) }).waitFor()
    }
    await composer(page).fill('')
    await page.getByRole('button', { name: `About ${title}` }).click()
    const members = page.getByRole('list', { name: `Members of ${title}` })
    await eventually(() => members.getByTestId('member').count()).toBe(13)
    await page.getByRole('searchbox', { name: 'Find a member' }).fill('player 11')
    await eventually(() => members.getByTestId('member').count()).toBe(1)
    await page.getByRole('searchbox', { name: 'Find a member' }).fill('nobody')
    await page.getByText('Nobody here has such a name').waitFor()
  })

  it('changes its name for everybody, and who may write', async () => {
    const [vera, karl] = await threePeople()
    const id = await group(vera, `Old name ${count}`, [karl])
    const [one, two] = [await bench.profile(), await bench.profile()]
    await signIn(one.page, vera)
    await signIn(two.page, karl, `/messages/${id}`)
    await one.page.goto(`/messages/${id}`)
    await one.page.getByRole('button', { name: `About Old name ${count}` }).click()
    const settings = one.page.getByRole('region', { name: 'Settings' })
    await settings.getByLabel('Name').fill(`New name ${count}`)
    await settings.getByLabel('Who may write').selectOption('admins')
    await settings.getByRole('button', { name: 'Save' }).click()
    await two.page.getByRole('heading', { name: `New name ${count}` }).waitFor()
    await two.page.getByText('Only owners and admins write here.').waitFor()
  })
})

describe('ways in', () => {
  it('a link shows what it leads to, joins on a phone, and is refused once withdrawn', async () => {
    const [vera, karl, rosa] = await threePeople()
    const title = `Walks ${count}`
    const id = await group(vera, title, [])
    const { page } = await bench.profile()
    await signIn(page, vera, `/messages/${id}`)
    await page.getByRole('button', { name: `About ${title}` }).click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const url = await page.getByRole('textbox', { name: 'Link' }).inputValue()

    const phone = await bench.profile({ phone: true })
    await signIn(phone.page, karl, new URL(url).pathname + new URL(url).hash)
    await phone.page.getByRole('heading', { name: title }).waitFor()
    expect(phone.page.url()).not.toContain('code=')
    await phone.page.getByRole('button', { name: 'Join' }).click()
    await composer(phone.page).waitFor()

    await page.getByRole('button', { name: /^Withdraw the link/ }).click()
    await page.getByText('There is no link yet.').waitFor()
    const late = await bench.profile()
    await signIn(late.page, rosa, new URL(url).pathname + new URL(url).hash)
    await late.page.getByText('This invitation can’t be used').waitFor()
  })

  it('a public channel is found and joined', async () => {
    const [vera, karl] = await threePeople()
    const title = `Recipes ${count}`
    await group(vera, title, [], { kind: 'channel', public: true, history_open: true })
    const { page } = await bench.profile()
    await signIn(page, karl)
    await page.getByRole('button', { name: 'New conversation' }).click()
    await page.getByRole('menuitem', { name: 'Browse channels' }).click()
    await page.getByRole('searchbox', { name: 'Search channels' }).fill(title)
    await page.getByRole('button', { name: `Join ${title}` }).click()
    await composer(page).waitFor()
  })
})

describe('the list of conversations', () => {
  it('pins, mutes, archives and filters, in every window of the person', async () => {
    const [vera, karl, rosa] = await threePeople()
    const [first, second] = [await bench.api.conversation(karl, vera), await bench.api.conversation(rosa, vera)]
    await bench.api.send(karl, first, 'one')
    await bench.api.send(rosa, second, 'two')
    const { page } = await bench.profile()
    await signIn(page, vera)
    const other = await page.context().newPage()
    await other.goto('/messages')
    const names = () =>
      other
        .getByRole('navigation', { name: 'Conversations' })
        .getByRole('link')
        .evaluateAll((links) => links.map((link) => link.textContent?.slice(0, 8) ?? ''))
    const menu = async (name: string, item: string) => {
      await page.getByRole('button', { name: `Actions for ${name}` }).focus()
      await page.keyboard.press('Enter')
      // Of this menu: the last one may still be fading out.
      const opened = page.getByRole('menu', { name: `Actions for ${name}` })
      await opened.getByRole('menuitem', { name: item }).click()
    }
    await conversationItem(other, karl.name).waitFor()
    await menu(karl.name, 'Pin to the top')
    await eventually(async () => (await names())[0]).toContain('Karl')
    await menu(karl.name, 'Until I turn it on')
    await conversationItem(other, karl.name).getByText('Muted').waitFor({ state: 'attached' })
    await menu(rosa.name, 'Mark as read')
    await eventually(() => unreadOf(other, rosa.name)).toBe(0)
    await page.getByRole('button', { name: 'Unread', exact: true }).click()
    await conversationItem(page, rosa.name).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await menu(rosa.name, 'Archive')
    await conversationItem(other, rosa.name).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Archived', exact: true }).click()
    await menu(rosa.name, 'Move to the list')
    await conversationItem(other, rosa.name).waitFor()
  })
})
