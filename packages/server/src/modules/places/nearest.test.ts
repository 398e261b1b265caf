import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { type Box, boxesAround, boxesInside, isWithinAny, without } from '../../platform/geo/boxes.ts'
import { distanceMeters, type Position } from '../../platform/geo/geodesic.ts'
import { type End, endOf, findNearest, type Located, type Ring } from './nearest.ts'
import { insertPlaces } from './places.repository.ts'
import { newPlaceRow } from './places.service.ts'
import { boxesOfRing } from './rings.ts'

interface Point extends Located {
  isWanted: boolean
}

const lon = fc.double({ min: -180, max: 180, noNaN: true })
const lat = fc.double({ min: -90, max: 90, noNaN: true })
const anywhere = fc.record({ lon, lat })

/** An index without a database: it names what lies in the boxes, and counts what was asked. */
function indexOf(points: readonly Point[]) {
  const sorted = [...points].sort((a, b) => a.lat - b.lat)
  const from = (lat: number) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle]?.lat ?? 0) < lat) low = middle + 1
      else high = middle
    }
    return low
  }
  const inBox = (box: Box) => {
    const found: Point[] = []
    for (let i = from(box.south); i < sorted.length; i++) {
      const point = sorted[i]
      if (!point || point.lat > box.north) break
      if (point.lon >= box.west && point.lon <= box.east) found.push(point)
    }
    return found
  }
  const seen = { looks: 0, largest: 0 }
  const look = async (ring: Ring, most: number) => {
    const { circle } = ring
    const named = boxesOfRing(ring)
      .flatMap(inBox)
      .slice(0, most + 1)
    seen.looks++
    seen.largest = Math.max(seen.largest, named.length)
    return {
      rows: named.filter(({ isWanted }) => isWanted),
      examined: named.length,
      covered: boxesAround(circle, circle.radius),
    }
  }
  return { look, seen }
}

async function allPages(points: readonly Point[], circle: Position & { radius: number }, limit: number) {
  const { look, seen } = indexOf(points)
  const found: string[] = []
  let answers = 0
  for (let after: End | undefined; ; ) {
    const nearest = await findNearest({ circle, after, limit: limit + 1 }, look)
    found.push(...nearest.found.slice(0, limit).map(({ id }) => id))
    answers++
    after = endOf(nearest.found, limit) ?? nearest.resumeAt
    if (!after) return { found, answers, ...seen }
  }
}

const naive = (points: readonly Point[], circle: Position & { radius: number }) =>
  points
    .filter(({ isWanted }) => isWanted)
    .map((point) => ({ id: point.id, distance: distanceMeters(circle, point) }))
    .filter(({ distance }) => distance <= circle.radius)
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)

describe('P8: the nearest by rings', () => {
  it('P8 VA4: boxes inside a circle hold nothing beyond it, wherever on Earth', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        anywhere,
        fc.double({ min: 1, max: 20_000_000, noNaN: true }),
        share,
        share,
        (center, radius, x, y) => {
          for (const { west, south, east, north } of boxesInside(center, radius)) {
            const point = { lon: west + x * (east - west), lat: south + y * (north - south) }
            expect(distanceMeters(center, point)).toBeLessThanOrEqual(radius)
          }
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('P8: what is cut out and what is left are all there was', () => {
    const box = fc.tuple(lon, lon, lat, lat).map(
      ([a, b, c, d]): Box => ({
        west: Math.min(a, b),
        east: Math.max(a, b),
        south: Math.min(c, d),
        north: Math.max(c, d),
      }),
    )
    fc.assert(
      fc.property(box, fc.array(box, { maxLength: 3 }), anywhere, (whole, holes, point) => {
        const left = without([whole], holes)
        const isThere = isWithinAny([whole], point)
        expect(isWithinAny([...left, ...holes], point) || !isThere).toBe(true)
        expect(isWithinAny(left, point) && !isThere).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('P8: every page in order, each once, wherever the wanted ones lie among the others', async () => {
    const spot = fc.record({ lon: fc.constantFrom(0, 100.5, 180), lat: fc.constantFrom(0, -33.25, 89) })
    const near = fc.tuple(spot, fc.double({ min: -1e-3, max: 1e-3, noNaN: true })).map(([at, d]) => ({
      lon: Math.min(180, at.lon + d),
      lat: at.lat + d,
    }))
    const point = fc.tuple(fc.oneof(anywhere, spot, near), fc.boolean())
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { maxLength: 600, size: 'max' }),
        fc.oneof(spot, anywhere),
        fc.oneof(fc.double({ min: 1, max: 5_000, noNaN: true }), fc.double({ min: 1, max: 20_000_000, noNaN: true })),
        fc.integer({ min: 1, max: 100 }),
        async (made, center, radius, limit) => {
          const points = made.map(([at, isWanted], index) => ({ ...at, isWanted, id: String(index).padStart(4, '0') }))
          const circle = { ...center, radius }
          expect((await allPages(points, circle, limit)).found).toEqual(naive(points, circle))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('P8: a page costs the same among many as among few', async () => {
    const town = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        lon: 8.5 + 0.2 * Math.cos(i) * Math.sqrt((i + 1) / count),
        lat: 47.3 + 0.2 * Math.sin(i) * Math.sqrt((i + 1) / count),
        isWanted: true,
        id: String(i).padStart(6, '0'),
      }))
    for (const count of [1_000, 100_000]) {
      const { look, seen } = indexOf(town(count))
      const { found } = await findNearest({ circle: { lon: 8.5, lat: 47.3, radius: 50_000 }, limit: 21 }, look)
      expect(found).toHaveLength(21)
      expect(seen.looks).toBeLessThanOrEqual(8)
      expect(seen.largest).toBeLessThanOrEqual(200)
    }
  })

  it('P8: very many, and all of them far away: few looks lead to the nearest', async () => {
    const crowd = Array.from({ length: 50_000 }, (_, i) => ({
      lon: 60 + (20 * (i % 250)) / 250,
      lat: 10 + (10 * Math.floor(i / 250)) / 200,
      isWanted: true,
      id: String(i).padStart(6, '0'),
    }))
    const circle = { lon: 0, lat: 45, radius: 20_000_000 }
    const { look, seen } = indexOf(crowd)
    const { found } = await findNearest({ circle, limit: 21 }, look)
    expect(found.map(({ id }) => id)).toEqual(naive(crowd, circle).slice(0, 21))
    expect(seen.looks).toBeLessThanOrEqual(60)
  })

  it('P8: nothing wanted among very many: no look reads much, and a page that is short leads on', async () => {
    const side = 350
    const crowd = Array.from({ length: side * side }, (_, i) => ({
      lon: -20 + (40 * (i % side)) / side,
      lat: -20 + (40 * Math.floor(i / side)) / side,
      isWanted: false,
      id: String(i).padStart(6, '0'),
    }))
    const wanted = ['a', 'b', 'c'].map((id, i) => ({ lon: 19 - i, lat: 19, isWanted: true, id }))
    const circle = { lon: 0, lat: 0, radius: 4_000_000 }
    const { found, answers, largest } = await allPages([...crowd, ...wanted], circle, 20)
    expect(found).toEqual(['c', 'b', 'a'])
    expect(answers).toBeGreaterThan(1)
    expect(largest).toBeLessThanOrEqual(4_100)
  }, 30_000)
})

describe('P8: a category that is elsewhere', () => {
  const near = { lon: 8.5, lat: 47.3 }
  let app: TestApp
  let viewer: Visitor
  const points: Point[] = []

  beforeAll(async () => {
    app = await createTestApp()
    viewer = await app.person()
    const owner = String((await app.person()).userId)
    const place = (category: string, position: Position) =>
      newPlaceRow(
        owner,
        { name: 'x', category, ...position, properties: '{}', visibility: 'public' },
        app.now().toISOString(),
      )
    const here = Array.from({ length: 400 }, (_, i) =>
      place('cafe', { lon: near.lon + (i % 20) / 1000, lat: near.lat + i / 40_000 }),
    )
    // More than are sorted at once; some at the same latitude, on both sides of the antimeridian.
    const there = Array.from({ length: 2_100 }, (_, i) =>
      place('ferry', { lon: i % 2 === 0 ? 179 + i / 2200 : -180 + i / 2200, lat: i < 300 ? near.lat : -40 + i / 2000 }),
    )
    const few = [10, 60, 110].map((lon) => place('lighthouse', { lon, lat: 10 }))
    await app.database.unitOfWork(({ tx }) => insertPlaces(tx, app.database.dialect, [...here, ...there, ...few]))
    points.push(
      ...[...there, ...few].map(({ id, lon, lat, category }) => ({ id, lon, lat, isWanted: category === 'ferry' })),
    )
  })
  afterAll(() => app.drop())

  it.each(['ferry', 'lighthouse'])(
    'G01: %s: is found all the same, nearest first, over all pages',
    async (category) => {
      const found: string[] = []
      for (let cursor = ''; ; ) {
        const { status, json } = await viewer.get(
          `/places?near=${near.lon},${near.lat}&category=${category}&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        )
        expect(status).toBe(200)
        found.push(...json.data.map(({ id }: { id: string }) => id))
        cursor = json.page.next_cursor ?? ''
        if (cursor === '') break
      }
      const wanted = points.map((point) => ({ ...point, isWanted: point.isWanted === (category === 'ferry') }))
      expect(found).toEqual(naive(wanted, { ...near, radius: 3e7 }))
    },
  )
})
