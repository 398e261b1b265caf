import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { insertPlaces } from './places.repository.ts'
import { newPlaceRow } from './places.service.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

it('one’s own places leave as a file, GeoJSON or CSV, and nobody else’s', async () => {
  const owner = await app.person()
  expect((await owner.get('/places/export')).json.features).toEqual([])
  const rows = Array.from({ length: 502 }, (_, i) =>
    newPlaceRow(
      String(owner.userId),
      {
        name: i === 0 ? '=1+1' : `n${i}`,
        category: null,
        lon: 1,
        lat: 2,
        properties: '{"a":1}',
        visibility: 'private',
      },
      app.now().toISOString(),
    ),
  )
  await app.database.unitOfWork(({ tx }) => insertPlaces(tx, app.database.dialect, rows))
  const { json, headers } = await owner.get('/places/export')
  expect(headers['content-disposition']).toBe('attachment; filename="places.geojson"')
  expect(json.features.map(({ id }: { id: string }) => id)).toEqual(rows.map(({ id }) => id).sort())
  expect(json.features[3].properties).toMatchObject({ a: 1, visibility: 'private' })
  const lines = (await owner.get('/places/export?format=csv')).body.trim().split('\r\n')
  expect(lines).toHaveLength(503)
  expect(lines[1]).toContain('"\'=1+1"')
  expect((await owner.get('/places/export?format=xml')).status).toBe(422)
})
