import type { FieldError } from '../../platform/errors.ts'
import type { Box } from '../../platform/geo/boxes.ts'
import type { Position } from '../../platform/geo/geodesic.ts'
import { boxesOfBounds, polygonsOf, positionProblems, toPosition } from '../../platform/geo/geojson.ts'
import { Area } from '../../platform/geo/polygon.ts'
import { invalidFields } from '../accounts/index.ts'
import { maxPositions, type Polygon } from './places.schema.ts'

const invalid = (pointer: string, code: string, message: string): FieldError => ({ pointer, code, message })

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
  const found = boxesOfBounds(numbers, '/bbox')
  if ('problems' in found) throw invalidFields(found.problems)
  return found.boxes
}

function parseNumbers(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim())
  return parts.every((part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part)) ? parts.map(Number) : undefined
}

/** A circle without its middle. */
export const radiusAlone = () => invalidFields([invalid('/radius', 'invalid', 'radius goes with near')])

/** Throws validation_failed: rings that are not closed, positions off the Earth, too many of them. */
export function parseArea(polygon: Polygon): Area {
  const found = polygonsOf(polygon, '/polygon/coordinates', maxPositions)
  if ('problems' in found) throw invalidFields(found.problems)
  return new Area(found.polygons)
}
