import type { PlaceRow } from './places.repository.ts'
import type { Place, PlaceFeature, PlaceList } from './places.schema.ts'

export const geoJson = 'application/geo+json'

/** To the centimetre: rows are ordered by all digits. */
const rounded = (metres: number): number => Math.round(metres * 100) / 100

export const toPlace = (row: PlaceRow, distance?: number): Place => ({
  id: row.id,
  owner_id: row.owner_id,
  name: row.name,
  category: row.category,
  geometry: { type: 'Point', coordinates: [row.lon, row.lat] },
  properties: JSON.parse(row.properties) as Record<string, unknown>,
  visibility: row.visibility as Place['visibility'],
  ...(distance === undefined ? {} : { distance_m: rounded(distance) }),
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
})

/** What we say of a place goes before what its owner called the same. */
export function toFeature({ id, geometry, properties, ...members }: Place): PlaceFeature {
  return { type: 'Feature', id, geometry, properties: { ...properties, ...members } }
}

export const toFeatureCollection = ({ data, page }: PlaceList) => ({
  type: 'FeatureCollection',
  features: data.map(toFeature),
  page,
})
