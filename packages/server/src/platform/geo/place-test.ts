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

/** More than the tests of a statement and of its rules. */
const mostReady = 300

/** For an engine without functions for it. */
export class PlaceTester {
  readonly #numbers = new Map<string, number>()
  readonly #ready = new Map<number, (position: Position) => boolean>()
  #last = 0

  /** The number of a test, which is the JSON of a PlaceTest: it is read once, however many rows are asked. */
  prepare(test: string): number {
    const known = this.#numbers.get(test)
    const number = known ?? ++this.#last
    const ready = this.#ready.get(number) ?? testOf(JSON.parse(test))
    this.#numbers.delete(test)
    this.#ready.delete(number)
    this.#numbers.set(test, number)
    this.#ready.set(number, ready)
    if (this.#ready.size > mostReady) this.#forgetOldest()
    return number
  }

  /** Whether `text` is a GeoJSON Point that passes the test. */
  passes(text: unknown, number: number): boolean {
    const test = this.#ready.get(number)
    if (!test) throw new Error('A test of places was not prepared')
    const position = typeof text === 'string' ? positionIn(text) : undefined
    return position !== undefined && test(position)
  }

  #forgetOldest(): void {
    for (const [test, number] of this.#numbers) {
      this.#numbers.delete(test)
      this.#ready.delete(number)
      return
    }
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
