import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '100000' })
  root = await app.holderOf(['admin'])
})
afterAll(() => app.drop())

const reports = async (query = '') => (await root.get(`/admin/doctor/reports${query}`)).json
const clock = { id: 'browser_clock', detail: 'It is 95 s ahead.' }

describe('W10: what arrives of a browser', () => {
  it('is told without a sign-in: the cookie that comes back, the header, the size', async () => {
    const visitor = app.visitor()
    const first = await visitor.post('/doctor/probe', {})
    expect(first.json).toEqual({
      ...{ server_time: expect.stringMatching(/^20.*Z$/), public_origin: app.config.publicUrl.origin },
      ...{ signed_in: false, cookie_set: false, plain_cookie_set: false, csrf_header: false, received: 0, proxy: null },
    })
    expect(String(first.headers['set-cookie'])).toMatch(
      /^browser_check=[\w-]{16}; Max-Age=120; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const large = { padding: 'x'.repeat(400_000) }
    expect((await visitor.post('/doctor/probe', large, { 'x-csrf-token': 'any' })).json).toMatchObject({
      ...{ cookie_set: true, plain_cookie_set: true, csrf_header: true, received: 400_000 },
    })
    expect((await visitor.post('/doctor/probe', { padding: 'x'.repeat(600_001) })).status).toBe(422)
    const foreign = await visitor.post('/doctor/probe', {}, { origin: 'https://elsewhere.example' })
    expect(foreign.json.code).toBe('origin_not_allowed')
  })

  it('over TLS has a second cookie that a proxy could have changed', async () => {
    const place = await createTestApp({ PUBLIC_URL: 'https://atrium.example.com' })
    const { headers } = await place.visitor().post('/doctor/probe', {})
    const secure = /; Max-Age=120; Path=\/; HttpOnly; Secure; SameSite=Lax$/
    expect(headers['set-cookie']).toEqual([expect.stringMatching(secure), expect.stringMatching(secure)])
    expect((headers['set-cookie'] as string[]).map((line) => line.split('=', 1)[0])).toEqual([
      ...['__Host-browser_check', 'browser_check'],
    ])
    await place.drop()
  })

  it('signed in, the session and its CSRF value are judged; how the proxy stands only those learn who see the health', async () => {
    const ann = await app.person()
    const passedOn = { 'x-forwarded-for': '192.0.2.1' }
    expect((await ann.post('/doctor/probe', {}, passedOn)).json).toMatchObject({ signed_in: true, proxy: null })
    expect((await ann.post('/doctor/probe', {}, { 'x-csrf-token': '' })).json.code).toBe('csrf_missing')
    expect((await root.post('/doctor/probe', {}, passedOn)).json).toMatchObject({ proxy: 'unknown' })
    expect((await root.post('/doctor/probe', {})).json).toMatchObject({ proxy: 'none' })
  })

  it('a stream comes in pieces', async () => {
    const answer = await app.visitor().get('/doctor/stream')
    expect(answer.body).toBe('1 of 4\n2 of 4\n3 of 4\n4 of 4\n')
  })
})

describe('W10: reports of browsers', () => {
  it('are read by those who see the health, are few, and are gone after a month or with their person', async () => {
    const ann = await app.person()
    const told = { findings: [clock], comment: '  It began today.  ' }
    const sent = await ann.post('/doctor/report', told, { 'user-agent': 'Firefox/1' })
    expect(sent.status).toBe(201)
    const stranger = app.visitor()
    expect((await stranger.post('/doctor/report', { findings: [] })).status).toBe(201)
    const { data } = await reports()
    expect(data).toMatchObject([
      { user: null, comment: null, findings: [] },
      { id: sent.json.id, user: { id: ann.userId }, user_agent: 'Firefox/1', comment: 'It began today.' },
    ])
    expect(data[1].findings).toEqual([clock])
    expect((await ann.get('/admin/doctor/reports')).json.code).toBe('admin_required')

    const first = await reports('?limit=1')
    expect(first.page).toMatchObject({ has_more: true })
    const rest = await reports(`?limit=1&cursor=${first.page.next_cursor}`)
    expect([first.data[0].id, rest.data[0].id]).toEqual([data[0].id, data[1].id])

    expect((await root.delete(`/admin/users/${ann.userId}?mode=erase`)).status).toBeLessThan(300)
    expect((await reports()).data).toMatchObject([{ user: null }])
    app.advance(30 * 86_400 + 1)
    expect(await app.services.browserReports.purge()).toBe(1)
  })

  it('nobody fills the table: five an hour from one place, 500 in all, and what is said is short', async () => {
    const stranger = app.visitor()
    const bad = [
      { findings: [{ ...clock, id: 'something_else' }] },
      { findings: [{ ...clock, detail: 'x'.repeat(301) }] },
      { findings: Array.from({ length: 41 }, () => clock) },
      { findings: [], comment: 'x'.repeat(501) },
      { findings: [], cookies: 'all of them' },
    ]
    for (const body of bad) expect((await stranger.post('/doctor/report', body)).status).toBe(422)
    const service = app.services.browserReports
    const answers: unknown[] = []
    // Another network has sent none yet.
    const from = { ip: '192.0.2.77', userAgent: 'x' }
    for (let i = 0; i < 6; i++)
      answers.push(
        await service.send(null, from, { findings: [clock] }).then(
          () => 201,
          ({ code }) => code,
        ),
      )
    expect(answers).toEqual([201, 201, 201, 201, 201, 'rate_limited'])

    for (let i = 0; i < 510; i++)
      await service.send(null, { ip: `10.1.${i >> 8}.${i & 255}`, userAgent: String(i) }, { findings: [] })
    // The first one has long been signed out.
    const boss = await app.holderOf(['admin'])
    const agents: string[] = []
    let cursor = ''
    do {
      const page = (await boss.get(`/admin/doctor/reports?limit=100${cursor}`)).json
      agents.push(...page.data.map((report: { user_agent: string }) => report.user_agent))
      cursor = page.page.has_more ? `&cursor=${page.page.next_cursor}` : ''
    } while (cursor)
    expect([agents.length, agents[0], agents.at(-1)]).toEqual([500, '509', '10'])
  }, 60_000)

  it('nothing of it is there where DOCTOR_PAGE is off', async () => {
    const place = await createTestApp({ DOCTOR_PAGE: 'false' })
    const visitor = place.visitor()
    for (const answer of [
      await visitor.post('/doctor/probe', {}),
      await visitor.get('/doctor/stream'),
      await visitor.post('/doctor/report', { findings: [] }),
    ])
      expect(answer.json.code).toBe('not_found')
    expect((await visitor.get('/meta')).json.features.doctor).toBe(false)
    await place.drop()
  })
})
