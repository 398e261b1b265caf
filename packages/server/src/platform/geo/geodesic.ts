/** A position on the WGS 84 ellipsoid, in degrees. */
export interface Position {
  lon: number
  lat: number
}

export const equatorialRadius = 6_378_137
export const flattening = 1 / 298.257223563

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Half of the longest way around: nothing on Earth is farther apart. */
export const maxDistance = 20_037_509

/** In radians, of a latitude in degrees. */
export const reducedLatitude = (lat: number): number => Math.atan((1 - flattening) * Math.tan(radians(lat)))

/**
 * The distance in metres along the ellipsoid: the one model of this server, whichever engine holds the rows. Lambert's
 * formula with reduced latitudes is off by centimetres over a city and by metres over an ocean; only between points on
 * opposite sides of the Earth does it lose up to 0.4 %.
 */
export function distanceMeters(a: Position, b: Position): number {
  const from = reducedLatitude(a.lat)
  const to = reducedLatitude(b.lat)
  const sinP = Math.sin((from + to) / 2)
  const cosP = Math.cos((from + to) / 2)
  const sinQ = Math.sin((to - from) / 2)
  const cosQ = Math.cos((to - from) / 2)
  const halfTurn = radians(b.lon - a.lon) / 2
  const equatorward = Math.cos(from) * Math.cos(to)
  // Squares of sine and cosine of half the angle, each by itself: neither loses digits where the other is near 1.
  const sine = sinQ ** 2 + equatorward * Math.sin(halfTurn) ** 2
  const cosine = sinP ** 2 + equatorward * Math.cos(halfTurn) ** 2
  if (sine === 0) return 0
  const angle = 2 * Math.atan2(Math.sqrt(sine), Math.sqrt(cosine))
  const x = cosine === 0 ? 0 : ((angle - Math.sin(angle)) * sinP ** 2 * cosQ ** 2) / cosine
  const y = ((angle + Math.sin(angle)) * cosP ** 2 * sinQ ** 2) / sine
  return equatorialRadius * (angle - (flattening / 2) * (x + y))
}
