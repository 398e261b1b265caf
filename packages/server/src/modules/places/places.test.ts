import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ada: Visitor
let ben: Visitor

beforeAll(async () => {
  app = await createTestApp()
  ada = await app.person('ada')
  ben = await app.person('ben')
})
afterAll(() => app.drop())

const point = (lon: number, lat: number) => ({ type: 'Point', coordinates: [lon, lat] })
const zurich = { name: 'Main station', category: 'station', geometry: point(8.5402, 47.3779), visibility: 'public' }

async function add(who: Visitor, place: object) {
  const answer = await who.post('/places', place)
  if (answer.status !== 201) throw new Error(answer.body)
  return answer.json
}

describe('G01: a place', () => {
  it('G01: is made, read, replaced, changed and removed by its owner', async () => {
    const made = await ada.post('/places', { ...zurich, properties: { tracks: 26, open: { mo: true } } })
    expect(made.status).toBe(201)
    const { id } = made.json
    expect(made.headers.location).toBe(`/api/v1/places/${id}`)
    expect(made.json).toMatchObject({ ...zurich, owner_id: ada.userId, version: 1, properties: { tracks: 26 } })

    const changed = await ada.patch(`/places/${id}`, {
      properties: { tracks: null, open: { tu: true } },
      category: null,
    })
    expect(changed.status).toBe(200)
    expect(changed.json).toMatchObject({ name: zurich.name, category: null, version: 2, geometry: zurich.geometry })
    expect(changed.json.properties).toEqual({ open: { mo: true, tu: true } })

    const moved = await ada.patch(`/places/${id}`, { location: { lon: 2.35, lat: 48.85 } })
    expect(moved.json.geometry).toEqual(point(2.35, 48.85))

    const replaced = await ada.put(`/places/${id}`, { name: 'New', geometry: point(1, 2) })
    expect(replaced.json).toMatchObject({ name: 'New', visibility: 'private', properties: {}, version: 4 })
    expect((await ada.get(`/places/${id}`)).json).toEqual(replaced.json)

    expect((await ada.delete(`/places/${id}`)).status).toBe(204)
    expect((await ada.get(`/places/${id}`)).status).toBe(404)
  })

  it('answers 304 to what is known, and 412 with the conflict to what was overtaken', async () => {
    const { id } = await add(ada, zurich)
    const read = await ada.get(`/places/${id}`)
    const etag = String(read.headers.etag)
    expect((await ada.get(`/places/${id}`, { 'if-none-match': etag })).status).toBe(304)
    expect((await ada.patch(`/places/${id}`, { name: 'B' }, { 'if-match': etag })).status).toBe(200)
    const late = await ada.patch(`/places/${id}`, { name: 'C' }, { 'if-match': etag })
    expect(late.status).toBe(412)
    expect(late.json).toMatchObject({
      code: 'precondition_failed',
      conflicts: [{ field: 'name', yours: 'C', theirs: 'B' }],
    })
    expect((await ada.delete(`/places/${id}`, { 'if-match': etag })).status).toBe(412)
    expect((await ada.put(`/places/${id}`, zurich, { 'if-match': etag })).status).toBe(412)
  })

  it('M29: a private place of another is not there; a public one can be seen and not changed', async () => {
    const secret = await add(ada, { ...zurich, visibility: 'private' })
    const open = await add(ada, zurich)
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
      const body = method === 'PUT' ? zurich : method === 'PATCH' ? { name: 'x' } : undefined
      expect((await ben.send(method, `/places/${secret.id}`, body)).status).toBe(404)
      const status = method === 'GET' ? 200 : 403
      expect((await ben.send(method, `/places/${open.id}`, body)).status).toBe(status)
    }
    const listed = await ben.get('/places?limit=100')
    const ids = listed.json.data.map(({ id }: { id: string }) => id)
    expect(ids).toContain(open.id)
    expect(ids).not.toContain(secret.id)
  })

  it('a public place is removed by who looks after them, a private one is not there for them either', async () => {
    const moderator = await app.holderOf(['moderator'])
    const [secret, open] = [await add(ada, { ...zurich, visibility: 'private' }), await add(ada, zurich)]
    expect((await moderator.delete(`/places/${secret.id}`)).status).toBe(404)
    expect((await moderator.delete(`/places/${open.id}`)).status).toBe(204)
    expect((await ada.get(`/places/${open.id}`)).status).toBe(404)
  })

  it('goes with the account', async () => {
    const leaver = await app.person()
    const { id } = await add(leaver, zurich)
    await app.services.erasure.erase(String(leaver.userId))
    expect((await ada.get(`/places/${id}`)).status).toBe(404)
  })
})

describe('G01: GeoJSON', () => {
  it('a Feature is taken and given', async () => {
    const feature = {
      type: 'Feature',
      geometry: point(5, 6),
      properties: { name: 'F', category: 'c', visibility: 'public', colour: 'red', version: 7 },
    }
    const made = await ada.post('/places', feature, {
      'content-type': 'application/geo+json',
      accept: 'application/geo+json',
    })
    expect(made.status).toBe(201)
    expect(made.headers['content-type']).toContain('application/geo+json')
    expect(made.json).toMatchObject({ type: 'Feature', geometry: point(5, 6) })
    expect(made.json.properties).toMatchObject({ name: 'F', category: 'c', colour: 'red', version: 1 })
    const place = (await ada.get(`/places/${made.json.id}`)).json
    expect(place.properties).toEqual({ colour: 'red' })

    const list = await ada.get('/places?near=5,6&radius=10', { accept: 'application/geo+json' })
    expect(list.json.type).toBe('FeatureCollection')
    expect(list.json.features[0]).toMatchObject({ id: made.json.id, properties: { distance_m: 0 } })
    expect(list.json.page.has_more).toBe(false)
  })

  it('what is no Feature is refused', async () => {
    for (const body of [{ type: 'FeatureCollection', features: [] }, [], null, { type: 'Feature', properties: 3 }]) {
      const answer = await ada.post('/places', JSON.stringify(body), { 'content-type': 'application/geo+json' })
      expect(answer.status).toBe(422)
    }
    const wrong = {
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: [[1, 2]] },
      properties: { name: 'x' },
    }
    expect((await ada.post('/places', wrong, { 'content-type': 'application/geo+json' })).status).toBe(422)
  })
})

describe('VA4: coordinates', () => {
  it('VA4: off the Earth, missing, doubled or not numbers are refused', async () => {
    const bodies = [
      { name: 'x', geometry: point(0, 91) },
      { name: 'x', geometry: point(0, -90.0001) },
      { name: 'x', geometry: point(181, 0) },
      { name: 'x', location: { lon: -180.1, lat: 0 } },
      { name: 'x' },
      { name: 'x', geometry: point(0, 0), location: { lon: 0, lat: 0 } },
      { name: 'x', geometry: { type: 'Point', coordinates: [1] } },
      { name: 'x', geometry: { type: 'Point', coordinates: ['1', 2] } },
      { name: 'x', geometry: { type: 'Point', coordinates: [1, null] } },
      { name: 'x', geometry: { type: 'Polygon', coordinates: [] } },
    ]
    for (const body of bodies) {
      const answer = await ada.post('/places', body)
      expect({ body, status: answer.status }).toEqual({ body, status: 422 })
    }
    const huge = '{"name":"x","geometry":{"type":"Point","coordinates":[1e999,0]}}'
    expect((await ada.post('/places', huge)).status).toBe(422)
    const none = '{"name":"x","geometry":{"type":"Point","coordinates":[NaN,0]}}'
    expect((await ada.post('/places', none)).json.code).toBe('malformed_json')
    const pointer = (await ada.post('/places', { name: 'x', geometry: point(0, 91) })).json.errors[0].pointer
    expect(pointer).toBe('/geometry/coordinates/1')
  })

  it('VA4: the poles, the antimeridian and a height are taken', async () => {
    for (const [lon, lat] of [
      [0, 90],
      [0, -90],
      [180, 0],
      [-180, 0],
    ] as const)
      expect((await add(ada, { name: 'edge', geometry: point(lon, lat) })).geometry).toEqual(point(lon, lat))
    const tiny = await add(ada, { name: 'tiny', geometry: point(1e-300, -1e-200) })
    expect(tiny.geometry).toEqual(point(0, 0))
    const high = await add(ada, { name: 'high', geometry: { type: 'Point', coordinates: [7, 46, 4478] } })
    expect(high.geometry).toEqual(point(7, 46))
  })

  it('VA4: queries with bad numbers are refused', async () => {
    const queries = [
      ...['near=0,91', 'near=NaN,0', 'near=Infinity,0', 'near=1', 'near=1,2,3', 'near=a,b', 'near=,', 'near=1e999,0'],
      ...['near=0,0&radius=0', 'near=0,0&radius=-1', 'near=0,0&radius=NaN', 'near=0,0&radius=Infinity'],
      ...['near=0,0&radius=1e300', 'near=0,0&radius=x', 'radius=5'],
      ...['bbox=0,10,10,0', 'bbox=1,2,3', 'bbox=0,0,181,0', 'bbox=0,-91,0,0', 'bbox=a,b,c,d', 'bbox=0,NaN,1,1'],
    ]
    for (const query of queries) {
      const answer = await ada.get(`/places?${query}`)
      expect({ query, status: answer.status }).toEqual({ query, status: 422 })
    }
  })

  it('VA4: polygons: unclosed, too few, too many, off the Earth; winding does not matter', async () => {
    const within = (coordinates: unknown) => ada.post('/places/within', { polygon: { type: 'Polygon', coordinates } })
    const square = [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 10],
      [0, 0],
    ]
    const bad = [
      [square.slice(0, 4)],
      [
        [
          [0, 0],
          [1, 1],
          [0, 0],
        ],
      ],
      [
        [
          [0, 0],
          [200, 0],
          [10, 10],
          [0, 0],
        ],
      ],
      [],
      [[]],
      'x',
      [Array.from({ length: 10_001 }, (_, i) => [i === 10_000 ? 0 : i / 1000, 0])],
      Array.from({ length: 600 }, () => [...Array.from({ length: 19 }, (_, i) => [i, i % 5]), [0, 0]]),
    ]
    for (const coordinates of bad) expect((await within(coordinates)).status).toBe(422)
    const { id } = await add(ada, { name: 'in', geometry: point(3, 3) })
    for (const ring of [square, [...square].reverse()]) {
      const found = (await within([ring])).json.data.map((place: { id: string }) => place.id)
      expect(found).toContain(id)
    }
  })
})

describe('G01: conditions', () => {
  it('category and filters narrow every kind of list; what is not offered is bad_filter', async () => {
    const someone = await app.person()
    const cafe = await add(someone, { name: 'C', category: 'cafe', geometry: point(-70, -30) })
    const bar = await add(someone, { name: 'B', category: 'bar', geometry: point(-70.001, -30) })
    const idsOf = async (query: string) => {
      const answer = await someone.get(`/places?${query}`)
      expect(answer.status).toBe(200)
      return answer.json.data.map(({ id }: { id: string }) => id)
    }
    expect(await idsOf('category=cafe&near=-70,-30&radius=1000')).toEqual([cafe.id])
    expect(await idsOf('bbox=-71,-31,-69,-29')).toEqual([bar.id, cafe.id])
    expect(await idsOf('filter[category][in]=bar,pub&bbox=-71,-31,-69,-29')).toEqual([bar.id])
    expect(await idsOf('filter[owner_id]=$me')).toEqual([bar.id, cafe.id])
    expect(await idsOf('filter={"category":{"neq":"bar"},"owner_id":"$me"}')).toEqual([cafe.id])
    expect(await idsOf('filter[owner_id]=$me&filter[category][null]=true')).toEqual([])
    const ring = [
      [-71, -31],
      [-69, -31],
      [-69, -29],
      [-71, -29],
      [-71, -31],
    ]
    const polygon = { type: 'Polygon', coordinates: [ring] }
    const found = await someone.post('/places/within', { polygon, filter: { category: { eq: 'cafe' } } })
    expect(found.json.data.map(({ id }: { id: string }) => id)).toEqual([cafe.id])

    const bad = [
      'filter[lat]=1',
      'filter[category][like]=x',
      'filter[]=x',
      'filter=[]',
      'filter={',
      'filter[owner_id]=x',
    ]
    for (const query of [...bad, 'filter[created_at][gte]=soon', 'filter[name][gt]=a', 'filter[category][null]=2'])
      expect((await someone.get(`/places?${query}`)).json.code).toBe('bad_filter')
    expect((await someone.get('/places?colour=red')).json.code).toBe('unknown_field')
  })

  it('a cursor belongs to its query', async () => {
    const someone = await app.person()
    for (let i = 0; i < 3; i++) await add(someone, { name: `p${i}`, geometry: point(30 + i / 1000, -40) })
    const first = await someone.get('/places?near=30,-40&radius=1000&limit=2')
    expect(first.json.page.has_more).toBe(true)
    const cursor = encodeURIComponent(first.json.page.next_cursor)
    const second = await someone.get(`/places?near=30,-40&radius=1000&limit=2&cursor=${cursor}`)
    expect(second.json.data.map(({ name }: { name: string }) => name)).toEqual(['p2'])
    expect((await someone.get(`/places?near=30,-41&radius=1000&cursor=${cursor}`)).json.code).toBe('bad_cursor')
    expect((await someone.get(`/places?cursor=${cursor}`)).json.code).toBe('bad_cursor')
  })
})
