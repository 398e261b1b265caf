import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { distanceMeters } from '../../platform/geo/geodesic.ts'
import { snapped } from '../../platform/geo/grid.ts'

let app: TestApp
let ada: Visitor
let ben: Visitor
let eve: Visitor

beforeAll(async () => {
  app = await createTestApp()
  ;[ada, ben, eve] = [await app.person('ada'), await app.person('ben'), await app.person('eve')]
  const asked = await ada.post('/friend-requests', { username: 'ben' })
  expect((await ben.post(`/friend-requests/${asked.json.id}/accept`)).status).toBeLessThan(300)
})
afterAll(() => app.drop())

const zurich = { lon: 8.54021, lat: 47.37791 }
const put = async (who: Visitor, more: object = {}) => {
  const answer = await who.put('/users/me/location', { ...zurich, accuracy_m: 12, ...more })
  if (answer.status !== 200) throw new Error(answer.body)
  return answer.json
}
const seenBy = async (who: Visitor, query = '') =>
  (await who.get(`/users/nearby${query}`)).json.data.map(({ id }: { id: string }) => id)

describe('G02: one’s own location', () => {
  it('G02: is kept no more exactly than asked, nowhere', async () => {
    const kept = await put(ada, { share: 'everyone', precision_m: 1000 })
    expect(kept).toMatchObject({ share: 'everyone', precision_m: 1000, expires_at: null })
    expect(distanceMeters(zurich, kept)).toBeGreaterThan(1)
    const rows = await app.database.db.selectFrom('user_locations').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('8.54021')
    expect(JSON.stringify(rows)).not.toContain('47.37791')
    const moved = await put(ada, { share: 'everyone', precision_m: 1000, lon: zurich.lon + 0.00005 })
    expect([moved.lon, moved.lat]).toEqual([kept.lon, kept.lat])
  })

  it('G02: what is kept can be read by oneself, and is null when there is none, or its time is over', async () => {
    const cy = await app.person()
    const own = async () => (await cy.get('/users/me/location')).json
    expect(await own()).toEqual({ location: null })
    const kept = await put(cy, { share: 'friends', expires_in: 60 })
    expect(await own()).toEqual({ location: kept })
    app.advance(61)
    expect(await own()).toEqual({ location: null })
    await put(cy)
    expect((await own()).location).toMatchObject({ share: 'none', expires_at: null })
    await cy.delete('/users/me/location')
    expect(await own()).toEqual({ location: null })
  })

  it('G02: a cell is as large as asked, and lies in every larger one', () => {
    const position = fc.record({
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
    })
    fc.assert(
      fc.property(
        position,
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 50 }),
        (at, size, times) => {
          const cell = snapped(at, size)
          expect(distanceMeters(at, cell)).toBeLessThan(size * 3)
          const coarse = size * times
          // The exact position tells no more of the coarse cell than the middle of the fine one does of its latitude.
          if (Math.abs(at.lat) < 85 && coarse < 1e6) expect(snapped(cell, coarse).lat).toBe(snapped(at, coarse).lat)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('VA4: positions off the Earth, silly precisions and unknown fields are refused', async () => {
    for (const body of [
      { lon: 0, lat: 91 },
      { lon: 181, lat: 0 },
      { lon: 0 },
      { ...zurich, precision_m: 0 },
      { ...zurich, share: 'world' },
      { ...zurich, expires_in: 1 },
      { ...zurich, colour: 'red' },
    ])
      expect((await ada.put('/users/me/location', body)).status).toBe(422)
  })
})

describe('G02: who is nearby', () => {
  it('G02: friends and everyone, as each of them chose; nobody without a location of one’s own', async () => {
    await put(ada, { share: 'friends' })
    expect((await eve.get('/users/nearby')).json.code).toBe('location_unknown')
    await put(ben, { share: 'none' })
    await put(eve, { share: 'everyone' })
    expect(await seenBy(ben)).toEqual(expect.arrayContaining([ada.userId, eve.userId]))
    expect(await seenBy(eve)).toEqual([])
    expect(await seenBy(ada)).toEqual([eve.userId])
    await put(ada, { share: 'everyone' })
    expect(await seenBy(eve)).toEqual([ada.userId])
  })

  it('G02: distances are rounded, and positions are not told', async () => {
    await put(ada, { share: 'everyone', precision_m: 5000, lon: 8.7 })
    await put(eve, { share: 'none', precision_m: 100 })
    const { json } = await eve.get('/users/nearby')
    const found = json.data.find(({ id }: { id: string }) => id === ada.userId)
    expect(found.distance_m % 5000).toBe(0)
    expect(found.distance_m).toBeGreaterThan(0)
    expect(found).toMatchObject({ precision_m: 5000, user: { username: 'ada' } })
    expect(JSON.stringify(json)).not.toMatch(/"l(on|at)"/)
  })

  it('G02: not across a block, not after the end, not when the account is suspended or gone', async () => {
    await put(ada, { share: 'everyone' })
    await put(eve, { share: 'everyone' })
    await eve.put(`/blocks/${ada.userId}`)
    expect(await seenBy(ada)).not.toContain(eve.userId)
    expect(await seenBy(eve)).not.toContain(ada.userId)

    const [short, banned, leaver] = [await app.person(), await app.person(), await app.person()]
    await put(short, { share: 'everyone', expires_in: 120 })
    await put(banned, { share: 'everyone' })
    await put(leaver, { share: 'everyone' })
    const all = [short.userId, banned.userId, leaver.userId]
    expect(await seenBy(ada)).toEqual(expect.arrayContaining(all))
    app.advance(121)
    await app.services.administration.setStatus(String(banned.username), 'suspended')
    await app.services.erasure.erase(String(leaver.userId))
    const left = await seenBy(ada)
    for (const id of all) expect(left).not.toContain(id)
    expect(await app.services.locations.purge()).toBe(1)
    expect((await ada.delete('/users/me/location')).status).toBe(204)
    expect((await ada.get('/users/nearby')).status).toBe(403)
  })

  it('pages of people follow each other', async () => {
    const viewer = await app.person()
    const there = { lon: 100, lat: 10, share: 'everyone' }
    await viewer.put('/users/me/location', there)
    const others = [await app.person(), await app.person(), await app.person()]
    for (const other of others) await other.put('/users/me/location', there)
    const first = (await viewer.get('/users/nearby?limit=2')).json
    expect(first.page.has_more).toBe(true)
    const second = await seenBy(viewer, `?limit=2&cursor=${encodeURIComponent(first.page.next_cursor)}`)
    const ids = [...first.data.map(({ id }: { id: string }) => id), ...second]
    expect(ids.sort()).toEqual(others.map(({ userId }) => userId).sort())
  })
})
