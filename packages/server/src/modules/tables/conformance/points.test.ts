import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idsOf } from '../../../../test/conformance/app-with-samples.ts'
import { area, areas, noPlaces, points, ring, strange } from '../../../../test/conformance/point-cases.ts'
import { appWithTables, byEngine, expose, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import { boxesOf, isWithinAny } from '../../../platform/geo/boxes.ts'
import { distanceMeters, type Position } from '../../../platform/geo/geodesic.ts'
import { toPosition } from '../../../platform/geo/geojson.ts'
import { Area } from '../../../platform/geo/polygon.ts'

const json = byEngine({ sqlite: 'json', postgres: 'jsonb', mariadb: 'json' })
const written = byEngine({ sqlite: 'json', postgres: 'json', mariadb: 'json' })

const world = { bbox: [-180, -90, 180, 90] }

const positions = points.map(toPosition)
const first = 1000

let app: TestApp
let root: Visitor
beforeAll(async () => {
  const pointRows = points.map(([lon, lat], index) => {
    const point = `{"type":"Point","coordinates":[${lon},${lat}${index % 3 === 0 ? ',30.5' : ''}]}`
    return `(${first + index}, '${point}', '${point}')`
  })
  const strangeRows = strange.map((value, index) => `(${index + 1}, '${value}', '${value}')`)
  app = await appWithTables([
    `create table spots (id integer not null primary key, at ${json}, kept ${written})`,
    `insert into spots values ${[...pointRows, ...strangeRows, '(999, null, null)'].join(', ')}`,
  ])
  root = await app.holderOf(['admin'])
  await expose(root, 'spots')
})
afterAll(() => app.drop())

async function ask(filter: object): Promise<number[]> {
  const found: number[] = []
  for (let cursor: string | undefined; ; ) {
    const answer = await root.post('/data/spots/query', { filter, sort: 'id', fields: 'id', limit: 100, cursor })
    const page = idsOf(answer)
    if (!Array.isArray(page)) throw new Error(String(page))
    found.push(...page)
    cursor = answer.json.page.next_cursor ?? undefined
    if (cursor === undefined) return found
  }
}
const idsWhere = (test: (position: Position, index: number) => boolean) =>
  positions.flatMap((position, index) => (test(position, index) ? [first + index] : []))

describe('W06 T06: points in a JSON column', () => {
  it('are those of GeoJSON, and nothing else lies anywhere', async () => {
    for (const column of ['at', 'kept']) {
      expect(await ask({ [column]: world })).toEqual(idsWhere(() => true))
      expect(await ask({ [column]: { near: [0, 0, 20_037_509] } })).toEqual(idsWhere(() => true))
      expect(await ask({ not: { [column]: world } })).toEqual([...strange.map((_, index) => index + 1), 999])
    }
  })

  it('lie near where the one formula says, on every engine', async () => {
    const centres: [number, number][] = [
      [8.505, 47.405],
      [0, 0],
      [5, 5],
      [180, 5],
      [-180, 0],
      [0, 90],
      [30, -90],
      [-70.5, -33.1],
    ]
    for (const [lon, lat] of centres) {
      for (const radius of [0.5, 250, 800, 120_000, 1_000_000, 9_000_000, 19_900_000]) {
        const circle = { at: { near: [lon, lat, radius] } }
        const centre = toPosition([lon, lat])
        const [closest] = positions.map((p) => Math.abs(distanceMeters(centre, p) - radius)).sort((a, b) => a - b)
        expect([circle, (closest ?? 0) > 0.001]).toEqual([circle, true])
        expect([circle, await ask(circle)]).toEqual([circle, idsWhere((p) => distanceMeters(centre, p) <= radius)])
      }
    }
  })

  it('lie in boxes, across the antimeridian too', async () => {
    for (const bbox of [
      ...[
        [0, 0, 5, 5],
        [2, 3, 2, 3],
        [170, -20, -170, 20],
        [180, -90, 180, 90],
        [-180, 0, -180, 0],
        [0, 90, 10, 90],
      ],
      ...[
        [8.502, 47.402, 8.508, 47.408],
        [90, -45, -90, 45],
      ],
    ]) {
      const [west = 0, south = 0, east = 0, north = 0] = bbox
      const boxes = boxesOf({ west, south, east, north })
      expect([bbox, await ask({ at: { bbox } })]).toEqual([bbox, idsWhere((p) => isWithinAny(boxes, p))])
    }
  })

  it('lie in areas, their borders included and holes left out', async () => {
    for (const { type, coordinates, polygons } of areas) {
      const area = new Area(polygons)
      for (const column of ['at', 'kept']) {
        const test = { [column]: { within: { type, coordinates } } }
        const inside = idsWhere((p) => area.contains(p))
        expect(inside.length).toBeGreaterThan(0)
        expect([test, await ask(test)]).toEqual([test, inside])
      }
    }
  })

  it('are the places that the places have there', async () => {
    for (const [lon, lat] of points.slice(0, 121).filter((_, index) => index % 10 === 0))
      await root.post('/places', { name: `${lon},${lat}`, geometry: { type: 'Point', coordinates: [lon, lat] } })
    const names = (ids: number[]) =>
      ids.filter((id) => id < first + 121 && (id - first) % 10 === 0).map((id) => points[id - first]?.join(','))
    const placesAt = async (query: string) => {
      const { json: list } = await root.get(`/places?limit=100&${query}`)
      return list.data.map(({ name }: { name: string }) => name).sort()
    }
    expect(names(await ask({ at: { near: [5, 5, 400_000] } })).sort()).toEqual(await placesAt('near=5,5&radius=400000'))
    expect(names(await ask({ at: { bbox: [0, 0, 5, 7] } })).sort()).toEqual(await placesAt('bbox=0,0,5,7'))
  })

  it('are asked for in an address', async () => {
    const polygon = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [3, 0],
          [0, 3],
          [0, 0],
        ],
      ],
    }
    for (const [operator, value, full] of [
      ['near', '5,5,120000', [5, 5, 120_000]],
      ['bbox', ' 1, 1,2.5 , 2', [1, 1, 2.5, 2]],
      ['within', JSON.stringify(polygon), polygon],
    ] as const) {
      const query = new URLSearchParams({ [`filter[at][${operator}]`]: value, sort: 'id', fields: 'id', limit: '100' })
      const ids = idsOf(await root.get(`/data/spots?${query}`))
      expect([operator, ids]).toEqual([operator, await ask({ at: { [operator]: full } })])
      expect(ids?.length).toBeGreaterThan(3)
    }
  })

  it('are not asked for with what is no place, and the answer says where', async () => {
    const many = (count: number) => ({ or: Array.from({ length: count }, (_, x) => ({ at: { near: [x, 5, 1] } })) })
    expect(await ask(many(10))).toHaveLength(10)
    expect((await root.post('/data/spots/query', { filter: many(11) })).json.code).toBe('bad_filter')
    for (const [test, pointer] of noPlaces) {
      const { status, json: answer } = await root.post('/data/spots/query', { filter: { at: test } })
      expect([test, status, answer.code, answer.errors?.[0]?.pointer]).toEqual([test, 400, 'bad_filter', pointer])
    }
    expect(await ask({ at: { within: area(ring(499)) } })).not.toEqual([])
    for (const [operator, value] of [
      ['near', 'NaN,0,5'],
      ['near', '0,0,Infinity'],
      ['bbox', '0,0,1e999,1'],
      ['within', '{'],
      ['near', ''],
    ] as const) {
      const query = new URLSearchParams({ [`filter[at][${operator}]`]: value })
      const answer = await root.get(`/data/spots?${query}`)
      expect([value, answer.status, answer.json.code]).toEqual([value, 400, 'bad_filter'])
    }
  })

  it('are no error where the engine cannot read the value', async () => {
    const point = '"type":"Point","coordinates":[1,1]'
    const broken = byEngine({
      sqlite: [`{${point}`, 'Point', ''],
      postgres: [`{${point},"x":"\\u0000"}`, '{"type":"Point","coordinates":[1e99999,1]}'],
      mariadb: ['{"type":"Point","coordinates":[1e400,1]}'],
    })
    await runInTables(
      app,
      broken.map((value, index) => `insert into spots (id, kept) values (${5000 + index}, '${value}')`),
    )
    for (const test of [
      { near: [1, 1, 5] },
      { bbox: [1, 1, 1, 1] },
      {
        within: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [2, 0],
              [1, 2],
              [0, 0],
            ],
          ],
        },
      },
    ])
      expect(await ask({ kept: test, id: { gte: 5000 } })).toEqual([])
    await runInTables(app, ['delete from spots where id >= 5000'])
  })
})
