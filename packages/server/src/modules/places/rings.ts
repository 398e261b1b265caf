import type { GeoIndex } from '../../platform/db/dialects/geo.ts'
import { type Box, boxesAround, boxesInside, without } from '../../platform/geo/boxes.ts'
import type { Ring } from './nearest.ts'

export const isWhole = ({ hole, parts }: Ring): boolean => hole.length === 0 && !parts

export const boxesOfRing = ({ circle, hole, parts }: Ring): readonly Box[] =>
  parts ?? without(boxesAround(circle, circle.radius), hole)

/** The boxes of which nothing is left when a ring has been read. */
export const coveredBy = (geo: GeoIndex, ring: Ring): readonly Box[] =>
  geo.rowsNear && isWhole(ring)
    ? boxesInside(ring.circle, ring.circle.radius)
    : boxesAround(ring.circle, ring.circle.radius)
