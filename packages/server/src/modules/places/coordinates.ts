import type { FieldError } from '../../platform/errors.ts'
import { type Box, boxesOf } from '../../platform/geo/boxes.ts'
import type { Position } from '../../platform/geo/geodesic.ts'
import { Area, type Rings } from '../../platform/geo/polygon.ts'
import { invalidFields } from '../accounts/index.ts'
import { maxPositions, type Polygon } from './places.schema.ts'

const invalid = (pointer: string, code: string, message: string): FieldError => ({ pointer, code, message })

/** What is wrong with a position on the Earth, if anything. */
export function positionProblems([lon, lat]: readonly unknown[], at: readonly [string, string]): FieldError[] {
  const problems: FieldError[] = []
  if (!isWithin(lon, 180)) problems.push(invalid(at[0], 'out_of_range', 'A longitude is between -180 and 180'))
  if (!isWithin(lat, 90)) problems.push(invalid(at[1], 'out_of_range', 'A latitude is between -90 and 90'))
  return problems
}

const isWithin = (value: unknown, limit: number): boolean =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= limit

const digits = 1e9

/** To a tenth of a millimetre: engines disagree on much smaller numbers, and one fails at them. */
const rounded = (degrees: number): number => Math.round(degrees * digits) / digits + 0

export const toPosition = ([lon = 0, lat = 0]: readonly number[]): Position => ({
  lon: rounded(lon),
  lat: rounded(lat),
})

/** `lon,lat`. Throws validation_failed. */
export function parseNear(text: string): Position {
  const numbers = parseNumbers(text)
  if (numbers?.length !== 2) throw invalidFields([invalid('/near', 'invalid', 'near is written lon,lat in degrees')])
  const problems = positionProblems(numbers, ['/near', '/near'])
  if (problems.length > 0) throw invalidFields(problems)
  return toPosition(numbers)
}

/** `west,south,east,north`, as boxes that do not cross the antimeridian. Throws validation_failed. */
export function parseBbox(text: string): Box[] {
  const numbers = parseNumbers(text)
  if (numbers?.length !== 4)
    throw invalidFields([invalid('/bbox', 'invalid', 'bbox is written west,south,east,north in degrees')])
  const [west = 0, south = 0, east = 0, north = 0] = numbers
  const problems = [
    ...positionProblems([west, south], ['/bbox', '/bbox']),
    ...positionProblems([east, north], ['/bbox', '/bbox']),
  ]
  if (problems.length === 0 && south > north)
    problems.push(invalid('/bbox', 'out_of_order', 'The south of a bbox is not above its north'))
  if (problems.length > 0) throw invalidFields(problems.slice(0, 1))
  return boxesOf({ west, south, east, north })
}

function parseNumbers(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim())
  return parts.every((part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part)) ? parts.map(Number) : undefined
}

/** A circle without its middle. */
export const radiusAlone = () => invalidFields([invalid('/radius', 'invalid', 'radius goes with near')])

const maxProblems = 20

/** Throws validation_failed: rings that are not closed, positions off the Earth, too many of them. */
export function parseArea({ type, coordinates }: Polygon): Area {
  const at = '/polygon/coordinates'
  const polygons = type === 'Polygon' ? [coordinates] : coordinates
  const rings = polygons.flatMap((polygon, number) =>
    listOf(polygon).map((ring, index) => ({
      ring: listOf(ring),
      at: type === 'Polygon' ? `${at}/${index}` : `${at}/${number}/${index}`,
    })),
  )
  if (rings.length === 0 || rings.some(({ ring }) => ring.length < 4))
    throw invalidFields([invalid(at, 'too_short', 'A ring has at least four positions, the last like the first')])
  if (rings.reduce((sum, { ring }) => sum + ring.length, 0) > maxPositions)
    throw invalidFields([invalid(at, 'too_many', `A polygon may have at most ${maxPositions} positions`)])
  const problems: FieldError[] = []
  for (const { ring, at } of rings) {
    if (problems.length < maxProblems) problems.push(...ringProblems(ring, at))
  }
  if (problems.length > 0) throw invalidFields(problems.slice(0, maxProblems))
  return new Area(polygons as Rings[])
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function ringProblems(ring: readonly unknown[], at: string): FieldError[] {
  const problems = ring.flatMap((item, index) => {
    const position = listOf(item)
    if (position.length < 2 || position.length > 3 || position.some((value) => typeof value !== 'number'))
      return [invalid(`${at}/${index}`, 'wrong_type', 'A position is [longitude, latitude]')]
    return positionProblems(position, [`${at}/${index}/0`, `${at}/${index}/1`])
  })
  const [first, last] = [listOf(ring[0]), listOf(ring.at(-1))]
  if (first[0] !== last[0] || first[1] !== last[1])
    problems.push(invalid(at, 'not_closed', 'A ring ends with the position it begins with'))
  return problems
}
