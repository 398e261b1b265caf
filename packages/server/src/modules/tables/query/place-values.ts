import type { FieldError } from '../../../platform/errors.ts'
import { maxDistance } from '../../../platform/geo/geodesic.ts'
import { boxesOfBounds, polygonsOf, positionProblems, toPosition } from '../../../platform/geo/geojson.ts'
import type { PlaceTest } from '../../../platform/geo/place-test.ts'
import { badFilter } from './bad-filter.ts'

/** An engine compares every point with every line. */
const mostPositions = 500

const forms = {
  near: 'near is [longitude, latitude, metres]',
  bbox: 'bbox is [west, south, east, north] in degrees',
  within: 'within is a GeoJSON Polygon or MultiPolygon',
}
export type PlaceOperator = keyof typeof forms

/** Where a point has to lie, as the JSON of a PlaceTest. `at`: the column in the filter. Throws bad_filter. */
export function placeText(operator: PlaceOperator, value: unknown, at: string, isWritten: boolean): string {
  const pointer = `/${at.replaceAll('~', '~0').replaceAll('/', '~1')}/${operator}`
  const fail = (problems: readonly FieldError[]) => badFilter(problems[0]?.message ?? forms[operator], [...problems])
  const unfit = () => fail([{ pointer, code: 'invalid', message: forms[operator] }])
  const read = (): PlaceTest => {
    if (operator === 'within') {
      const area = isWritten ? parsed(value) : value
      if (!isArea(area)) throw unfit()
      const found = polygonsOf(area, `${pointer}/coordinates`, mostPositions)
      if ('problems' in found) throw fail(found.problems)
      const rounded = found.polygons.map((rings) =>
        rings.map((ring) => ring.map(toPosition).map(({ lon, lat }) => [lon, lat])),
      )
      return { polygons: rounded }
    }
    const numbers = isWritten ? numbersIn(value) : value
    if (!isNumbers(numbers)) throw unfit()
    if (operator === 'bbox') {
      if (numbers.length !== 4) throw unfit()
      const found = boxesOfBounds(numbers, pointer)
      if ('problems' in found) throw fail(found.problems)
      return found
    }
    const [lon, lat, radius = 0] = numbers
    if (numbers.length !== 3) throw unfit()
    const problems = positionProblems([lon, lat], [`${pointer}/0`, `${pointer}/1`])
    if (!(radius > 0 && radius <= maxDistance))
      problems.push({
        pointer: `${pointer}/2`,
        code: 'out_of_range',
        message: `A radius has up to ${maxDistance} metres, and more than none`,
      })
    if (problems.length > 0) throw fail(problems)
    return { near: toPosition(numbers), radius }
  }
  return JSON.stringify(read())
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number' && Number.isFinite(item))

function isArea(value: unknown): value is { type: 'Polygon' | 'MultiPolygon'; coordinates: unknown[] } {
  const { type, coordinates } = (value ?? {}) as { type?: unknown; coordinates?: unknown }
  return (type === 'Polygon' || type === 'MultiPolygon') && Array.isArray(coordinates)
}

function numbersIn(value: unknown): number[] | undefined {
  const parts = String(value)
    .split(',')
    .map((part) => part.trim())
  return parts.every((part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(part)) ? parts.map(Number) : undefined
}

function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value))
  } catch {
    return undefined
  }
}
