import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileForm } from '../../../test/file-form.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let owner: Visitor
beforeAll(async () => {
  app = await createTestApp()
})
beforeEach(async () => {
  owner = await app.person()
})
afterAll(() => app.drop())

function send(content: string | Buffer, query = '', who = owner) {
  const { body, type } = fileForm([['file', { name: 'places', bytes: content }]])
  return who.send('POST', `/places/import${query}`, body, { 'content-type': type })
}
const mine = async (who = owner) => (await who.get('/places/export')).json.features
interface Feature {
  geometry: { coordinates: number[] }
  properties: Record<string, unknown>
}

const problems = ({ json }: { json: { errors: { pointer: string; code: string }[] } }) =>
  json.errors.map(({ pointer, code }) => [pointer, code])

describe('a file of places', () => {
  it('comes in as GeoJSON or CSV', async () => {
    const point = (lon: number) => ({ type: 'Point', coordinates: [lon, 47] })
    const features = [
      { type: 'Feature', geometry: point(8), properties: { name: 'Pier', category: 'sight', height: 4 } },
      { type: 'Feature', geometry: point(9), properties: { name: 'Mill', visibility: 'public' } },
    ]
    const answer = await send(JSON.stringify({ type: 'FeatureCollection', features }))
    expect([answer.status, answer.json]).toEqual([200, { rows: 2, created: 2, failed: 0, errors: [], dry_run: false }])
    const csv = '\ufeffTitle;Latitude;Longitude;Opened\r\n"Old; mill";47.5;8.5;1890\r\n\r\nFerry;46;-7;\r\n'
    expect((await send(csv)).json.created).toBe(2)
    expect((await mine()).map(({ geometry, properties }: Feature) => [properties.name, geometry.coordinates])).toEqual(
      expect.arrayContaining([
        ['Pier', [8, 47]],
        ['Mill', [9, 47]],
        ['Old; mill', [8.5, 47.5]],
        ['Ferry', [-7, 46]],
      ]),
    )
    const mill = (await mine()).find(({ properties }: Feature) => properties.name === 'Old; mill')
    expect(mill.properties).toMatchObject({ opened: '1890', visibility: 'private' })
    expect((await owner.get('/places?near=8.5,47.5&radius=10')).json.data).toHaveLength(1)
  })

  it.each(['geojson', 'csv'])('that was exported as %s comes in again as it was', async (format) => {
    for (const name of ['=1+1', 'a "quoted", name', 'two\nlines']) {
      const properties = { depth: 1.5, tags: ['x'], nested: { a: null } }
      const geometry = { type: 'Point', coordinates: [179.5, -12.25] }
      expect((await owner.post('/places', { name, category: 'x', geometry, properties })).status).toBe(201)
    }
    const file = (await owner.get(`/places/export?format=${format}`)).body
    const other = await app.person()
    expect((await send(file, '', other)).json).toMatchObject({ created: 3, failed: 0 })
    const said = (features: Feature[]) =>
      features.map(({ geometry, properties: { owner_id, created_at, updated_at, ...rest } }) => ({ geometry, rest }))
    expect(said(await mine(other))).toEqual(said(await mine()))
  })

  it('VA4: with one row that cannot be, nothing comes in, and each is told', async () => {
    const csv = [
      'name,lon,lat,visibility,properties',
      'fine,1,2,,',
      'north,1,91,,',
      ',1,2,,',
      'odd,east,2,secret,',
      'short,1',
      'json,1,2,,[1]',
    ].join('\n')
    const answer = await send(csv)
    expect([answer.status, answer.json.code, answer.json.rows, answer.json.failed]).toEqual([
      422,
      'validation_failed',
      6,
      5,
    ])
    const found = problems(answer)
    expect(found).toEqual(
      expect.arrayContaining([
        ['/3/location/lat', 'out_of_range'],
        ['/4/name', 'too_short'],
        ['/5/location/lon', 'wrong_type'],
        ['/6', 'invalid'],
        ['/7/properties', 'invalid'],
      ]),
    )
    expect(found.some(([pointer]) => pointer?.startsWith('/2'))).toBe(false)
    expect(await mine()).toEqual([])
  })

  it('is only looked at in a dry run', async () => {
    const { status, json } = await send('name,lon,lat\na,1,2\nb,1,200\n', '?dry_run=true')
    expect([status, json.rows, json.created, json.failed, json.dry_run]).toEqual([200, 2, 0, 1, true])
    expect(problems({ json })).toEqual([['/3/location/lat', 'out_of_range']])
    expect(await mine()).toEqual([])
  })

  it.each([
    ['nothing', '', 422],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]), 422],
    ['a header without a place', 'title,when\na,b\n', 422],
    ['a column twice', 'name,lon,lat,lng\na,1,2,3\n', 422],
    ['one Feature', '{"type":"Feature","geometry":null}', 422],
    ['JSON that ends early', '{"type":"FeatureCollection","features":[', 400],
    ['a quotation mark without an end', 'name,lon,lat\n"a,1,2\n', 422],
    ['too many places', `name,lon,lat\n${'a,1,2\n'.repeat(10_001)}`, 422],
    ['too many bytes', `name,lon,lat\n${'x'.repeat(6 * 1024 * 1024)},1,2\n`, 413],
  ])('of %s is refused as a whole', async (_name, content, status) => {
    expect((await send(content)).status).toBe(status)
    expect(await mine()).toEqual([])
  })

  it('FI3: has no more places than a person may keep, and neither do single ones', async () => {
    const own = await createTestApp({ PLACES_PER_PERSON: '3' })
    const person = await own.person()
    const place = { name: 'Pier', geometry: { type: 'Point', coordinates: [8, 47] } }
    expect((await send('name,lon,lat\na,1,2\nb,1,2\n', '', person)).json.created).toBe(2)
    const refused = await send('name,lon,lat\nc,1,2\nd,1,2\n', '', person)
    expect([refused.status, refused.json]).toMatchObject([413, { code: 'quota_exceeded', most_places: 3, places: 2 }])
    expect((await person.post('/places', place)).status).toBe(201)
    expect((await person.post('/places', place)).json.code).toBe('quota_exceeded')
    expect(await mine(person)).toHaveLength(3)
    const [first] = await mine(person)
    await person.delete(`/places/${first.id}`)
    expect((await person.post('/places', place)).status).toBe(201)
    expect((await (await own.person()).post('/places', place)).status).toBe(201)
    await own.drop()
  })

  it('of ten thousand comes in at once', async () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `n${i},${(i % 360) - 180},${(i % 180) - 90}`)
    expect((await send(`name,lon,lat\n${lines.join('\n')}`)).json).toMatchObject({ created: 10_000 })
  })
})
