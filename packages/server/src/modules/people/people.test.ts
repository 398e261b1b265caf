import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

describe('people', () => {
  it('are found by the beginning of name or display name, never by their address', async () => {
    const me = await app.person('searcher')
    const found = await app.person('Zelda_1')
    await app.person('zeldo')
    await found.patch('/users/me', { display_name: 'Ünïque Name' })
    const search = async (text: string) =>
      (await me.get(`/users?search=${encodeURIComponent(text)}`)).json.data.map(
        (user: { username: string }) => user.username,
      )
    expect(await search('zeld')).toEqual(['Zelda_1', 'zeldo'])
    expect(await search('ünïq')).toEqual(['Zelda_1'])
    expect(await search('_elda')).toEqual([])
    expect(await search('%')).toEqual([])
    expect(await search('zelda_1@example.com')).toEqual([])
    expect(await search('searcher')).toEqual([])
    expect((await me.get('/users/@zelda_1')).json).toEqual(expect.not.objectContaining({ email: expect.anything() }))
    expect((await me.get('/users/@nobody-here')).status).toBe(404)
    expect((await me.get('/users/constructor')).status).toBe(404)
  })

  it('come in pages that follow on', async () => {
    const me = await app.person()
    for (const name of ['page_a', 'page_b', 'page_c']) await app.person(name)
    const first = (await me.get('/users?search=page_&limit=2')).json
    expect(first.data.map((user: { username: string }) => user.username)).toEqual(['page_a', 'page_b'])
    const second = (await me.get(`/users?search=page_&limit=2&cursor=${first.page.next_cursor}`)).json
    expect(second.data.map((user: { username: string }) => user.username)).toEqual(['page_c'])
    expect(second.page).toMatchObject({ has_more: false, next_cursor: null })
    expect((await me.get(`/users?cursor=${first.page.next_cursor}x`)).json.code).toBe('bad_cursor')
  })
})
