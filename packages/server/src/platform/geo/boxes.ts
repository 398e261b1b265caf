import type { Position } from './geodesic.ts'

/** Bounds in degrees that do not cross the antimeridian; the borders belong to it. */
export interface Box {
  west: number
  south: number
  east: number
  north: number
}

/** The smallest radius of curvature of the ellipsoid: on a sphere of that size every angle is at least as large. */
const smallestRadius = 6_335_439
/** What the formula for distances may be off by. */
const tolerance = 1.005

const isWithin = ({ west, south, east, north }: Box, { lon, lat }: Position): boolean =>
  lon >= west && lon <= east && lat >= south && lat <= north

export const isWithinAny = (boxes: readonly Box[], position: Position): boolean =>
  boxes.some((box) => isWithin(box, position))

/** One box, or two where the bounds cross the antimeridian (west > east); a position at 180° is also at −180°. */
export function boxesOf({ west, south, east, north }: Box): Box[] {
  const parts =
    west > east
      ? [
          { west, east: 180 },
          { west: -180, east },
        ]
      : [{ west, east }]
  if (parts.some((part) => part.east === 180) && !parts.some((part) => part.west === -180))
    parts.push({ west: -180, east: -180 })
  else if (parts.some((part) => part.west === -180) && !parts.some((part) => part.east === 180))
    parts.push({ west: 180, east: 180 })
  return parts.map((part) => ({ ...part, south, north }))
}

/** Boxes that hold everything within `radius` metres, and more: the poles and the antimeridian included. */
export function boxesAround({ lon, lat }: Position, radius: number): Box[] {
  const angle = (radius / smallestRadius) * tolerance + 1e-9
  const reach = (angle * 180) / Math.PI
  const south = Math.max(-90, lat - reach)
  const north = Math.min(90, lat + reach)
  // Around a pole all longitudes are near.
  if (south <= -90 || north >= 90) return [{ west: -180, south, east: 180, north }]
  const spread = Math.asin(Math.min(1, Math.sin(angle) / Math.cos((lat * Math.PI) / 180)))
  const width = ((spread * 180) / Math.PI) * tolerance
  if (width >= 180) return [{ west: -180, south, east: 180, north }]
  return boxesOf({ west: wrapped(lon - width), south, east: wrapped(lon + width), north })
}

const wrapped = (lon: number): number => (lon < -180 ? lon + 360 : lon > 180 ? lon - 360 : lon)
