import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginGroup, countMembers, outcome, say } from '../../../test/groups.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const people = (count: number) => Promise.all(Array.from({ length: count }, () => app.person()))
const invite = async (who: Visitor, id: string, body: object = {}) =>
  (await who.post(`/conversations/${id}/invites`, body)).json

describe('an invitation', () => {
  it('lets in who holds its code, which only its maker ever saw', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [])
    const answer = await ann.post(`/conversations/${id}/invites`, { max_uses: 2 })
    expect(answer.status).toBe(201)
    const { code, url, ...rest } = answer.json
    expect(code).toMatch(/^[\w-]{32}$/)
    expect(url).toBe(new URL(`/join#code=${code}`, app.config.publicUrl).href)
    expect(rest).toMatchObject({ created_by: ann.userId, max_uses: 2, uses: 0, expires_at: null })
    const rows = await app.database.db.selectFrom('conversation_invites').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(code)

    const preview = (await bob.get(`/invites/${code}`)).json
    expect(preview).toMatchObject({ conversation: { id, title: 'Harbour', member_count: 1 }, joined: false })
    expect(Object.keys(preview.conversation)).not.toContain('last_message')
    expect((await bob.get(`/conversations/${id}`)).status).toBe(404)
    expect((await app.visitor().get(`/invites/${code}`)).status).toBe(401)
    expect((await bob.post(`/invites/${code}/join`)).json).toMatchObject({ id, my_role: 'member', member_count: 2 })
    expect((await bob.post(`/invites/${code}/join`)).status).toBe(200)
    expect((await bob.get(`/invites/${code}`)).json.joined).toBe(true)
    expect((await ann.get(`/conversations/${id}/invites`)).json.data).toEqual([{ ...rest, uses: 1 }])
    expect((await bob.get('/notifications')).json.data).toEqual([])
  })

  it('is refused alike when it was used up, is too old, was withdrawn, or never was', async () => {
    const [ann, bob, cleo] = (await people(3)) as [Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [])
    const used = await invite(ann, id, { max_uses: 1 })
    await bob.post(`/invites/${used.code}/join`)
    const soon = new Date(app.now().getTime() + 60_000).toISOString()
    const [old, withdrawn] = [await invite(ann, id, { expires_at: soon }), await invite(ann, id)]
    app.advance(61)
    expect((await ann.delete(`/conversations/${id}/invites/${withdrawn.id}`)).status).toBe(204)
    expect((await ann.delete(`/conversations/${id}/invites/${withdrawn.id}`)).status).toBe(404)
    for (const code of [used.code, old.code, withdrawn.code, 'x'.repeat(32)]) {
      expect(outcome(await cleo.get(`/invites/${code}`))).toEqual([410, 'gone'])
      expect(outcome(await cleo.post(`/invites/${code}/join`))).toEqual([410, 'gone'])
    }
    const past = { expires_at: '2020-01-01T00:00:00Z' }
    expect(outcome(await ann.post(`/conversations/${id}/invites`, past))).toEqual([422, 'validation_failed'])
    const live = await invite(ann, id)
    expect((await ann.delete(`/conversations/${id}?for=everyone`)).status).toBe(204)
    expect(outcome(await cleo.post(`/invites/${live.code}/join`))).toEqual([410, 'gone'])
  })

  it('is the administrators’ to make, see and withdraw, and leads into no direct conversation', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    const made = await invite(ann, id)
    for (const refused of [
      await bob.post(`/conversations/${id}/invites`, {}),
      await bob.get(`/conversations/${id}/invites`),
      await bob.delete(`/conversations/${id}/invites/${made.id}`),
    ]) {
      expect(outcome(refused)).toEqual([403, 'forbidden'])
    }
    const direct = await app.conversation(ann, bob)
    expect(outcome(await ann.post(`/conversations/${direct}/invites`, {}))).toEqual([409, 'state_conflict'])
    const other = await beginGroup(ann, [])
    expect((await ann.delete(`/conversations/${other}/invites/${made.id}`)).status).toBe(404)
  })

  it('lets in exactly as many as it says, of twenty that come at once', async () => {
    const [ann, ...others] = (await people(21)) as [Visitor, ...Visitor[]]
    const id = await beginGroup(ann, [])
    const { code } = await invite(ann, id, { max_uses: 5 })
    const answers = await Promise.all(others.map((person) => person.post(`/invites/${code}/join`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(5).fill(200), ...Array(15).fill(410)])
    expect(await countMembers(app, id)).toEqual({ member_count: 6, members: 6, owners: 1 })
    expect((await ann.get(`/conversations/${id}/invites`)).json.data[0].uses).toBe(5)
  })

  it('spends one use on one person who comes many times at once', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [])
    const { code } = await invite(ann, id, { max_uses: 5 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => bob.post(`/invites/${code}/join`)))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect((await ann.get(`/conversations/${id}/invites`)).json.data[0].uses).toBe(1)
    expect((await countMembers(app, id)).member_count).toBe(2)
  })

  it('is not found by trying', async () => {
    const limited = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
    const guesser = await limited.person()
    const answers = []
    for (let i = 0; i < 31; i++) answers.push(await guesser.get(`/invites/guess-${i}`))
    expect(answers.map(({ status }) => status)).toEqual([...Array(30).fill(410), 429])
    await limited.drop()
  })
})

describe('a public channel', () => {
  it('is found by title, page by page, and joined by whoever likes', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const titles = ['Sailing 100%', 'sailing north', 'Sailing_south', 'Rowing']
    const ids: string[] = []
    for (const title of titles) ids.push(await beginGroup(ann, [], { kind: 'channel', public: true, title }))
    await beginGroup(ann, [], { kind: 'channel', title: 'Sailing in private' })
    await beginGroup(ann, [], { title: 'Sailing group' })
    const list = async (query: string) => (await bob.get(`/channels?${query}`)).json
    const found = async (search: string) =>
      (await list(`search=${encodeURIComponent(search)}`)).data.map(({ title }: { title: string }) => title)
    expect((await found('SAILING')).sort()).toEqual(['Sailing 100%', 'Sailing_south', 'sailing north'])
    expect(await found('0%')).toEqual(['Sailing 100%'])
    expect(await found('g_s')).toEqual(['Sailing_south'])
    const first = await list('limit=3')
    const second = await list(`limit=3&cursor=${first.page.next_cursor}`)
    expect([...first.data, ...second.data].map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort())
    expect([first.page.has_more, second.page.has_more]).toEqual([true, false])

    const [id = ''] = ids
    for (const path of ['', '/messages', '/members', '/pins']) {
      expect(outcome(await bob.get(`/conversations/${id}${path}`))).toEqual([403, 'not_a_member'])
    }
    expect(outcome(await say(bob, id))).toEqual([403, 'not_a_member'])
    expect((await bob.post(`/conversations/${id}/join`)).json).toMatchObject({ id, my_role: 'member' })
    expect((await bob.post(`/conversations/${id}/join`)).status).toBe(200)
    expect((await list('search=100')).data).toMatchObject([{ id, joined: true, member_count: 2 }])
    expect((await countMembers(app, id)).members).toBe(2)
    await ann.delete(`/conversations/${id}?for=everyone`)
    expect((await list('search=100')).data).toEqual([])
  })

  it('may be written to by its administrators only', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob], { kind: 'channel', posting: 'admins' })
    expect(outcome(await say(bob, id))).toEqual([403, 'forbidden'])
    expect((await say(ann, id)).status).toBe(201)
    await ann.patch(`/conversations/${id}/members/${bob.userId}`, { role: 'admin' })
    expect((await say(bob, id)).status).toBe(201)
  })

  it('M34: one that is not public is not there for others, whatever they ask', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [], { kind: 'channel' })
    const answers = [
      await bob.get(`/conversations/${id}`),
      await bob.post(`/conversations/${id}/join`),
      await bob.get(`/conversations/${id}/members`),
      await bob.post(`/conversations/${id}/members`, { user_id: bob.userId }),
      await bob.patch(`/conversations/${id}/members/${ann.userId}`, { role: 'member' }),
      await bob.delete(`/conversations/${id}/members/${ann.userId}`),
      await bob.patch(`/conversations/${id}`, { title: 'x' }),
      await bob.patch(`/conversations/${id}`, { pinned: true }),
      await bob.delete(`/conversations/${id}?for=everyone`),
      await bob.delete(`/conversations/${id}`),
      await bob.get(`/conversations/${id}/bans`),
      await bob.get(`/conversations/${id}/invites`),
      await bob.post(`/conversations/${id}/invites`, {}),
      await say(bob, id),
    ]
    expect(answers.map(outcome)).toEqual(Array(answers.length).fill([404, 'not_found']))
    expect(await countMembers(app, id)).toEqual({ member_count: 1, members: 1, owners: 1 })
  })
})
