import { distanceMeters, type Position } from './geodesic.ts'

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

/** The largest radius of curvature of the ellipsoid, and a little more. */
const largestRadius = 6_400_000

/** Boxes that hold nothing that is farther than `radius` metres: nearly the largest square of a circle. */
export function boxesInside({ lon, lat }: Position, radius: number): Box[] {
  // A way that is straight on the map is at least as long as the shortest.
  const side = (radius * 0.99) / Math.SQRT2 / largestRadius
  const reach = (side * 180) / Math.PI
  const south = Math.max(-90, lat - reach)
  const north = Math.min(90, lat + reach)
  const widest = south <= 0 && north >= 0 ? 0 : Math.min(Math.abs(south), Math.abs(north))
  const width = reach / Math.cos((widest * Math.PI) / 180)
  if (width >= 180) return [{ west: -180, south, east: 180, north }]
  return boxesOf({ west: wrapped(lon - width), south, east: wrapped(lon + width), north })
}

/** What is left of boxes when others are cut out; borders stay. */
export const without = (boxes: readonly Box[], holes: readonly Box[]): Box[] =>
  holes.reduce<Box[]>((left, hole) => left.flatMap((box) => cutOut(box, hole)), [...boxes])

function cutOut(box: Box, hole: Box): Box[] {
  const south = Math.max(box.south, hole.south)
  const north = Math.min(box.north, hole.north)
  const west = Math.max(box.west, hole.west)
  const east = Math.min(box.east, hole.east)
  if (south > north || west > east) return [box]
  const parts: Box[] = []
  if (south > box.south) parts.push({ ...box, north: south })
  if (north < box.north) parts.push({ ...box, south: north })
  if (west > box.west) parts.push({ ...box, south, north, east: west })
  if (east < box.east) parts.push({ ...box, south, north, west: east })
  return parts
}

/** No position of a box is farther away than this, in metres. */
export function farthest(from: Position, { west, south, east, north }: Box): number {
  const widest = south <= 0 && north >= 0 ? 0 : Math.min(Math.abs(south), Math.abs(north))
  const half = (degrees: number) => ((degrees / 2) * Math.PI * largestRadius) / 180
  const toCorner = Math.hypot(half(north - south), half(east - west) * Math.cos((widest * Math.PI) / 180))
  return (distanceMeters(from, { lon: (west + east) / 2, lat: (south + north) / 2 }) + toCorner) * tolerance
}

export function halves({ west, south, east, north }: Box): Box[] {
  const [lon, lat] = [(west + east) / 2, (south + north) / 2]
  return east - west > north - south
    ? [
        { west, south, east: lon, north },
        { west: lon, south, east, north },
      ]
    : [
        { west, south, east, north: lat },
        { west, south: lat, east, north },
      ]
}
