import { type Box, boxesAround, isWithinAny } from './boxes.ts'
import { distanceMeters, type Position } from './geodesic.ts'
import { pointOf } from './geojson.ts'
import { Area, type Rings } from './polygon.ts'

/** Where a point has to lie. Each of the three says what it means on one page for all engines: this one. */
export type PlaceTest = { near: Position; radius: number } | { boxes: readonly Box[] } | { polygons: readonly Rings[] }

/** Boxes outside of which nothing passes the test. */
export function boundsOf(test: PlaceTest): readonly Box[] {
  if ('near' in test) return boxesAround(test.near, test.radius)
  return 'boxes' in test ? test.boxes : new Area(test.polygons).bounds
}

/** For an engine without functions for it. Tests are kept, as each is asked of many rows. */
export class PlaceTester {
  readonly #ready = new Map<string, (position: Position) => boolean>()

  /** Whether `text` is a GeoJSON Point that passes the test, which is the JSON of a PlaceTest. */
  passes(text: unknown, test: string): boolean {
    const position = typeof text === 'string' ? positionIn(text) : undefined
    return position !== undefined && this.#find(test)(position)
  }

  #find(test: string): (position: Position) => boolean {
    const known = this.#ready.get(test)
    if (known) return known
    // A statement has few, those of its rules included, and statements do not run at the same time.
    if (this.#ready.size >= 100) this.#ready.clear()
    const made = testOf(JSON.parse(test))
    this.#ready.set(test, made)
    return made
  }
}

function testOf(test: PlaceTest): (position: Position) => boolean {
  if ('near' in test) return (position) => distanceMeters(test.near, position) <= test.radius
  if ('boxes' in test) return (position) => isWithinAny(test.boxes, position)
  const area = new Area(test.polygons)
  return (position) => area.contains(position)
}

function positionIn(text: string): Position | undefined {
  try {
    return pointOf(JSON.parse(text))
  } catch {
    return undefined
  }
}
