import fc from 'fast-check'
import geodesic from 'geographiclib-geodesic'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgisDatabase, type TestDatabase, testEngine } from '../../../test/databases.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { boxesAround, isWithinAny } from '../../platform/geo/boxes.ts'
import { distanceMeters, type Position } from '../../platform/geo/geodesic.ts'
import { toPosition } from '../../platform/geo/geojson.ts'
import { insertPlaces, type PlaceRow } from './places.repository.ts'
import { newPlaceRow } from './places.service.ts'

/** Karney's algorithm, exact to nanometres: not the code under test. */
const exact = (a: Position, b: Position): number =>
  geodesic.Geodesic.WGS84.Inverse(a.lat, a.lon, b.lat, b.lon).s12 as number

const lon = fc.double({ min: -180, max: 180, noNaN: true })
const lat = fc.double({ min: -90, max: 90, noNaN: true })
const position = fc.record({ lon, lat })
const close = fc.tuple(
  position,
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
)

describe('VA4: distances', () => {
  it('VA4: agree with the geodesic within 0.5 % anywhere on Earth, and within a metre over a city', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const truth = exact(a, b)
        expect(Math.abs(distanceMeters(a, b) - truth)).toBeLessThanOrEqual(Math.max(0.01, truth * 0.005))
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(close, ([a, dx, dy]) => {
        const b = { lon: a.lon, lat: Math.max(-90, Math.min(90, a.lat + dy)) }
        b.lon = Math.max(-180, Math.min(180, a.lon + dx))
        const truth = exact(a, b)
        if (truth < 100_000) expect(Math.abs(distanceMeters(a, b) - truth)).toBeLessThan(1)
      }),
      { numRuns: 2000 },
    )
  })

  it('VA4: Paris to London, through the poles, around the Earth, and to itself', () => {
    const paris = { lon: 2.3522, lat: 48.8566 }
    expect(distanceMeters(paris, { lon: -0.1276, lat: 51.5072 })).toBeCloseTo(
      exact(paris, { lon: -0.1276, lat: 51.5072 }),
      0,
    )
    expect(distanceMeters({ lon: 0, lat: 89.9 }, { lon: 180, lat: 89.9 })).toBeCloseTo(22_338.8, 0)
    expect(distanceMeters({ lon: 179.99, lat: 0 }, { lon: -179.99, lat: 0 })).toBeCloseTo(2226.39, 1)
    expect(distanceMeters(paris, paris)).toBe(0)
    expect(distanceMeters({ lon: 0, lat: 0 }, { lon: 180, lat: 0 })).toBeGreaterThan(19_900_000)
  })

  it('what lies within a distance lies within the boxes around it', () => {
    fc.assert(
      fc.property(
        position,
        fc.double({ min: 0, max: 360, noNaN: true }),
        fc.double({ min: 0, max: 20_000_000, noNaN: true }),
        (center, azimuth, radius) => {
          const end = geodesic.Geodesic.WGS84.Direct(center.lat, center.lon, azimuth, radius)
          const there = { lon: end.lon2 as number, lat: end.lat2 as number }
          expect(isWithinAny(boxesAround(center, radius), there)).toBe(true)
        },
      ),
      { numRuns: 5000 },
    )
  })
})

/** Spots where something may go wrong, and everything between. */
const spots: (readonly [number, number])[] = [
  ...([
    [180, 0],
    [-180, 0],
    [180, 10],
    [-179.9995, 0.0005],
    [179.9995, -0.0005],
    [0, 90],
    [0, -90],
    [90, 89.9999],
  ] as const),
  ...([
    [-0.0001, 0.0001],
    [0, 0],
    [0.0001, 0.0001],
    [8.54, 47.37],
    [8.5401, 47.37],
    [8.5402, 47.3701],
  ] as const),
]

interface Listed {
  id: string
  distance_m: number
}

/** Every page, one after the other. */
async function pages(
  get: (
    cursor: string,
  ) => Promise<{ status: number; body: string; json: { data: Listed[]; page: { next_cursor: string | null } } }>,
) {
  const found: Listed[] = []
  for (let cursor = ''; ; ) {
    const { status, json, body } = await get(cursor)
    if (status !== 200) throw new Error(body)
    found.push(...json.data)
    if (json.page.next_cursor === null) return found
    cursor = json.page.next_cursor
  }
}

/** With and without PostGIS, where there is such a thing. */
const databases: (readonly [string, () => Promise<TestDatabase | undefined>])[] = [
  ['as it is', async () => undefined],
  ...(testEngine === 'postgres' ? ([['with PostGIS', createPostgisDatabase]] as const) : []),
]

describe.each(databases)(
  'G01: the engine, %s, answers like an evaluator that looks at every row',
  (_name, database) => {
    let app: TestApp
    let viewer: Visitor
    let rows: PlaceRow[]

    beforeAll(async () => {
      app = await createTestApp({}, {}, await database())
      const owner = await app.person()
      viewer = await app.person()
      const random = fc.sample(position, { seed: 7, numRuns: 600 })
      const near = Array.from({ length: 700 }, (_, i) => ({
        lon: 8.5 + (i % 30) / 3000,
        lat: 47.3 + Math.floor(i / 30) / 5000,
      }))
      const same = Array.from({ length: 400 }, () => ({ lon: 100.5, lat: -33.25 }))
      const all = [...random, ...near, ...same, ...spots.map(([x, y]) => ({ lon: x, lat: y }))]
      rows = all.map(({ lon, lat }, index) =>
        newPlaceRow(
          String(index % 7 === 0 ? viewer.userId : owner.userId),
          {
            name: `p${index}`,
            category: ['cafe', 'bar', null][index % 3] ?? null,
            ...toPosition([lon, lat]),
            properties: '{}',
            visibility: index % 5 === 0 ? 'private' : 'public',
          },
          app.now().toISOString(),
        ),
      )
      await app.database.unitOfWork(({ tx }) => insertPlaces(tx, app.database.dialect, rows))
    })
    afterAll(() => app.drop())

    const seen = (category?: string) =>
      rows.filter(
        (row) =>
          (row.visibility === 'public' || row.owner_id === viewer.userId) &&
          (category === undefined || row.category === category),
      )

    const list = (query: string) =>
      pages((cursor) => viewer.get(`/places?${query}&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`))

    const radius = fc.oneof(
      fc.double({ min: 1, max: 5_000, noNaN: true }),
      fc.double({ min: 1, max: 20_000_000, noNaN: true }),
    )
    const around = fc
      .oneof(position, fc.constantFrom(...spots.map(([x, y]) => ({ lon: x, lat: y })), { lon: 100.5, lat: -33.25 }))
      .map(({ lon, lat }) => toPosition([lon, lat]))
    const category = fc.constantFrom(undefined, 'cafe')

    it('G01: within a radius, nearest first, over all pages', async () => {
      await fc.assert(
        fc.asyncProperty(around, radius, category, async (center, metres, kind) => {
          const found = await list(
            `near=${center.lon},${center.lat}&radius=${metres}${kind ? `&category=${kind}` : ''}`,
          )
          const truth = seen(kind)
            .map((row) => ({ id: row.id, distance: exact(center, row), ours: distanceMeters(center, row) }))
            .sort((a, b) => a.ours - b.ours || (a.id < b.id ? -1 : 1))
          expect(found.map(({ id }) => id)).toEqual(truth.filter(({ ours }) => ours <= metres).map(({ id }) => id))
          const byId = new Map(truth.map((row) => [row.id, row.distance]))
          for (const { id, distance_m } of found) {
            const real = byId.get(id) ?? Number.NaN
            expect(Math.abs(distance_m - real)).toBeLessThanOrEqual(Math.max(1, real * 0.005))
          }
        }),
        { numRuns: 40 },
      )
    }, 60_000)

    it('G01: within a box, also across the antimeridian', async () => {
      await fc.assert(
        fc.asyncProperty(lon, lon, lat, lat, category, async (west, east, a, b, kind) => {
          const [south, north] = [Math.min(a, b), Math.max(a, b)]
          const isIn = (x: number) => (west <= east ? x >= west && x <= east : x >= west || x <= east)
          const truth = seen(kind).filter((row) => {
            const sides = Math.abs(row.lon) === 180 ? [180, -180] : [row.lon]
            return sides.some(isIn) && row.lat >= south && row.lat <= north
          })
          const found = await list(`bbox=${west},${south},${east},${north}${kind ? `&category=${kind}` : ''}`)
          expect(found.map(({ id }) => id)).toEqual(
            truth
              .map(({ id }) => id)
              .sort()
              .reverse(),
          )
        }),
        {
          numRuns: 40,
          examples: [
            [170, -170, -1, 1, undefined],
            [180, 180, -90, 90, undefined],
            [-180, 180, -90, 90, 'cafe'],
          ],
        },
      )
    }, 60_000)

    it('G01: within polygons with holes, borders included, whatever the winding', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 })), {
            minLength: 3,
            maxLength: 8,
          }),
          async (corners) => {
            const ring = (points: readonly (readonly [number, number])[]) =>
              [...points, points[0] ?? [0, 0]].map(([x, y]) => [x, y])
            const outer = ring(corners)
            const hole = ring(corners.map(([x, y]) => [x / 2, y / 2] as const))
            const truth = seen().filter((row) => naiveContains([outer, hole], row.lon, row.lat))
            const found = await pages((cursor) =>
              viewer.post('/places/within', {
                polygon: { type: 'Polygon', coordinates: [outer, hole] },
                limit: 100,
                ...(cursor ? { cursor } : {}),
              }),
            )
            expect(found.map(({ id }) => id)).toEqual(
              truth
                .map(({ id }) => id)
                .sort()
                .reverse(),
            )
          },
        ),
        { numRuns: 40 },
      )
    }, 60_000)
  },
)

/** By the angles under which the corners are seen from the point: another method than a ray. */
function naiveContains([outer = [], ...holes]: number[][][], x: number, y: number): boolean {
  const isWithin = windings(outer, x, y)
  return isWithin !== false && holes.every((hole) => windings(hole, x, y) !== true)
}

/** True inside, false outside, undefined on the border. */
function windings(ring: number[][], x: number, y: number): boolean | undefined {
  let turns = 0
  for (let i = 1; i < ring.length; i++) {
    const [x1 = 0, y1 = 0] = ring[i - 1] ?? []
    const [x2 = 0, y2 = 0] = ring[i] ?? []
    const cross = (x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)
    const dot = (x1 - x) * (x2 - x) + (y1 - y) * (y2 - y)
    if (cross === 0 && dot <= 0) return undefined
    turns += Math.atan2(cross, dot)
  }
  return Math.round(turns / (2 * Math.PI)) % 2 !== 0
}
