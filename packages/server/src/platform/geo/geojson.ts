import type { FieldError } from '../errors.ts'
import { type Box, boxesOf } from './boxes.ts'
import type { Position } from './geodesic.ts'
import type { Rings } from './polygon.ts'

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

/** Where a GeoJSON Point lies, with a height or without; undefined for what is none on the Earth. */
export function pointOf(value: unknown): Position | undefined {
  const { type, coordinates } = (value ?? {}) as { type?: unknown; coordinates?: unknown }
  if (type !== 'Point' || !Array.isArray(coordinates) || coordinates.length < 2 || coordinates.length > 3)
    return undefined
  return positionProblems(coordinates, ['', '']).length > 0 ? undefined : toPosition(coordinates)
}

/** Of west, south, east and north: boxes that do not cross the antimeridian, or what is wrong. */
export function boxesOfBounds(
  [west, south, east, north]: readonly unknown[],
  at: string,
): { boxes: Box[] } | { problems: FieldError[] } {
  const problems = [...positionProblems([west, south], [at, at]), ...positionProblems([east, north], [at, at])]
  const box = { west, south, east, north } as Box
  if (problems.length === 0 && box.south > box.north)
    problems.push(invalid(at, 'out_of_order', 'The south of a bbox is not above its north'))
  return problems.length > 0 ? { problems: problems.slice(0, 1) } : { boxes: boxesOf(box) }
}

const maxProblems = 20

/** Of a GeoJSON Polygon or MultiPolygon: rings that are closed, positions on the Earth and not too many, or what is wrong. */
export function polygonsOf(
  { type, coordinates }: { type: 'Polygon' | 'MultiPolygon'; coordinates: readonly unknown[] },
  at: string,
  most: number,
): { polygons: Rings[] } | { problems: FieldError[] } {
  const polygons = type === 'Polygon' ? [coordinates] : coordinates
  const rings = polygons.flatMap((polygon, number) =>
    listOf(polygon).map((ring, index) => ({
      ring: listOf(ring),
      at: type === 'Polygon' ? `${at}/${index}` : `${at}/${number}/${index}`,
    })),
  )
  if (rings.length === 0 || rings.some(({ ring }) => ring.length < 4))
    return { problems: [invalid(at, 'too_short', 'A ring has at least four positions, the last like the first')] }
  if (rings.reduce((sum, { ring }) => sum + ring.length, 0) > most)
    return { problems: [invalid(at, 'too_many', `A polygon may have at most ${most} positions`)] }
  const problems: FieldError[] = []
  for (const { ring, at } of rings) {
    if (problems.length < maxProblems) problems.push(...ringProblems(ring, at))
  }
  return problems.length > 0 ? { problems: problems.slice(0, maxProblems) } : { polygons: polygons as Rings[] }
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
