import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgisDatabase, type TestDatabase, testEngine } from '../../../test/databases.ts'
import { explain } from '../../../test/plans.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { boxesInside } from '../../platform/geo/boxes.ts'
import { newId } from '../../platform/ids.ts'
import type { PlaceFilter } from './place-filters.ts'
import {
  candidatesInQuery,
  candidatesNearQueries,
  categoryNearQueries,
  fewQueries,
  insertPlaces,
  newestQuery,
} from './places.repository.ts'
import { newPlaceRow } from './places.service.ts'

const filters: PlaceFilter[] = [{ field: 'category', operator: '=', value: 'cafe' }]
const box = { west: 8, south: 47, east: 9, north: 48 }
const circle = { lon: 8.5, lat: 47.3, radius: 1000 }

const databases: (readonly [string, () => Promise<TestDatabase | undefined>, string])[] = [
  ['as it is', async () => undefined, 'places_area'],
  ...(testEngine === 'postgres' ? ([['with PostGIS', createPostgisDatabase, 'places_geography']] as const) : []),
]

describe.each(databases)('G01: plans, %s', (_name, database, indexOfCircles) => {
  const owner = newId()
  let app: TestApp
  beforeAll(async () => {
    app = await createTestApp({}, {}, await database())
    // An engine that finds a table empty reads all of it.
    const rows = Array.from({ length: 2000 }, (_, i) =>
      newPlaceRow(
        owner,
        {
          name: 'x',
          category: i % 7 === 0 ? 'rare' : 'cafe',
          lon: (i * 37) % 180,
          lat: (i * 17) % 90,
          properties: '{}',
          visibility: i % 20 === 0 ? 'public' : 'private',
        },
        app.now().toISOString(),
      ),
    )
    await app.database.unitOfWork(({ tx }) => insertPlaces(tx, app.database.dialect, rows))
    const analyze = sql.raw(testEngine === 'mariadb' ? 'analyze table places' : 'analyze places')
    await app.database.migrationSession((session) => analyze.execute(session))
  })
  afterAll(() => app.drop())

  const plan = async (query: Parameters<typeof explain>[1]) => {
    const { plan, offences } = await explain(app.database, query)
    expect(offences).toEqual([])
    return JSON.stringify(plan)
  }

  const compilable = (query: RawBuilder<unknown>) => ({ compile: () => query.compile(app.database.db) })

  it('G01: circles and boxes are looked up in the spatial index', async () => {
    const { dialect } = app.database
    for (const search of [
      { viewerId: newId(), filters: [] },
      { viewerId: newId(), filters },
    ]) {
      expect(await plan(compilable(candidatesInQuery(dialect.geo, box, search, 100)))).toContain('places_area')
      for (const query of candidatesNearQueries(dialect.geo, { circle, hole: [] }, search, 100))
        expect(await plan(compilable(query))).toContain(indexOfCircles)
      const ring = { circle, hole: boxesInside(circle, 500) }
      const sides = candidatesNearQueries(dialect.geo, ring, search, 100)
      expect(sides).toHaveLength(4)
      for (const query of sides) expect(await plan(compilable(query))).toContain('places_area')
    }
  })

  it('P8: the few of one category or one owner are read along their own index', async () => {
    const rare = { field: 'category', operator: '=', value: 'rare' } as const
    const one: PlaceFilter[] = [rare, { field: 'name', operator: '=', value: 'x' }]
    const own: PlaceFilter[] = [{ field: 'owner_id', operator: '=', value: newId() }]
    for (const kind of [one, own])
      for (const query of fewQueries(app.database.db, { viewerId: newId(), filters: kind }, 100) ?? [])
        expect(await plan(query)).toMatch(/places_(visibility_category_id|category_lat_lon|owner_id_id)_index/)
  })

  it('P8: a category that is elsewhere is looked for among its own', async () => {
    const search = { viewerId: newId(), filters }
    for (const query of categoryNearQueries({ circle, hole: [] }, search, 100) ?? [])
      expect(await plan(compilable(query))).toContain('places_category_lat_lon_index')
  })

  it('the newest are read along an index, and not sorted', async () => {
    const search = { viewerId: owner, filters: [] }
    for (const which of ['public', 'own private'] as const) {
      await plan(newestQuery(app.database.db, search, which, { limit: 21 }))
      await plan(newestQuery(app.database.db, { ...search, filters }, which, { limit: 21, before: newId() }))
    }
  })
})
