import type { Position } from './geodesic.ts'

const halfMeridian = 20_003_931
const equator = 40_075_017

/** The largest power of two of parts that are all at least `size` long. */
const partsOf = (length: number, size: number): number => 2 ** Math.max(0, Math.floor(Math.log2(length / size)))

/**
 * The middle of the grid cell a position lies in, whose sides are at least `precision` metres. Cells are halves of larger
 * cells: who is told coarser positions again and again learns no more than the finest of them.
 */
export function snapped({ lon, lat }: Position, precision: number): Position {
  const rows = partsOf(halfMeridian, precision)
  const row = middle((lat + 90) / 180, rows)
  const middleLat = row * 180 - 90
  // The side of the row that lies nearer to a pole is the shorter one.
  const edge = Math.min(90, Math.abs(middleLat) + 90 / rows)
  const columns = partsOf(Math.max(1, equator * Math.cos((edge * Math.PI) / 180)), precision)
  return { lon: rounded(middle((lon + 180) / 360, columns) * 360 - 180), lat: rounded(middleLat) }
}

const middle = (share: number, parts: number): number => (Math.min(parts - 1, Math.floor(share * parts)) + 0.5) / parts

const rounded = (degrees: number): number => Math.round(degrees * 1e6) / 1e6 + 0
