import type { Box } from './boxes.ts'
import type { Position } from './geodesic.ts'

/** Linear rings of GeoJSON positions, each closed; the first is the outside, the others are holes. */
export type Rings = readonly (readonly (readonly number[])[])[]

type Edge = readonly [x1: number, y1: number, x2: number, y2: number]

const maxSlabs = 512

/**
 * An area of one or more polygons. Edges are straight lines in longitude and latitude (RFC 7946, 3.1.1), whatever their
 * winding; a border belongs to the area, that of a hole too.
 */
export class Area {
  readonly bounds: Box[]
  readonly #polygons: { outside: Ring; holes: Ring[] }[]

  constructor(polygons: readonly Rings[]) {
    this.#polygons = polygons.map(([outside = [], ...holes]) => ({
      outside: new Ring(outside),
      holes: holes.map((hole) => new Ring(hole)),
    }))
    this.bounds = this.#polygons.map(({ outside }) => outside.bounds)
  }

  contains({ lon, lat }: Position): boolean {
    return this.#polygons.some(
      ({ outside, holes }) =>
        outside.locate(lon, lat) !== 'outside' && holes.every((hole) => hole.locate(lon, lat) !== 'inside'),
    )
  }
}

/** Its edges are sorted into bands of latitude, so that a point is compared with those of its own band only. */
class Ring {
  readonly bounds: Box
  readonly #slabs: Edge[][]
  readonly #height: number

  constructor(positions: Rings[number]) {
    const edges = edgesOf(positions)
    this.bounds = boundsOf(positions)
    const count = Math.max(1, Math.min(maxSlabs, Math.floor(edges.length / 4)))
    this.#height = (this.bounds.north - this.bounds.south) / count || 1
    this.#slabs = Array.from({ length: count }, () => [])
    for (const edge of edges) {
      const last = this.#slabOf(Math.max(edge[1], edge[3]))
      for (let slab = this.#slabOf(Math.min(edge[1], edge[3])); slab <= last; slab++) this.#slabs[slab]?.push(edge)
    }
  }

  locate(x: number, y: number): 'inside' | 'border' | 'outside' {
    const { west, south, east, north } = this.bounds
    if (x < west || x > east || y < south || y > north) return 'outside'
    let isInside = false
    for (const [x1, y1, x2, y2] of this.#slabs[this.#slabOf(y)] ?? []) {
      const side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
      if (side === 0 && isBetween(x, x1, x2) && isBetween(y, y1, y2)) return 'border'
      // Each edge without its upper end: a ray through a corner meets one of the two.
      if (y1 > y !== y2 > y && (y2 > y1 ? side > 0 : side < 0)) isInside = !isInside
    }
    return isInside ? 'inside' : 'outside'
  }

  #slabOf(y: number): number {
    const slab = Math.floor((y - this.bounds.south) / this.#height)
    return Math.max(0, Math.min(this.#slabs.length - 1, slab))
  }
}

function boundsOf(positions: Rings[number]): Box {
  const bounds = { west: 180, south: 90, east: -180, north: -90 }
  for (const [x = 0, y = 0] of positions) {
    bounds.west = Math.min(bounds.west, x)
    bounds.east = Math.max(bounds.east, x)
    bounds.south = Math.min(bounds.south, y)
    bounds.north = Math.max(bounds.north, y)
  }
  return bounds
}

const edgesOf = (ring: readonly (readonly number[])[]): Edge[] =>
  ring.slice(1).map(([x2 = 0, y2 = 0], index) => {
    const [x1 = 0, y1 = 0] = ring[index] ?? []
    return [x1, y1, x2, y2]
  })

const isBetween = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b)
