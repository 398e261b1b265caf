export interface PlacesTable {
  id: string
  owner_id: string
  /** `private` or `public`. */
  visibility: string
  name: string
  category: string | null
  lon: number
  lat: number
  /** A JSON object. */
  properties: string
  version: number
  created_at: string
  updated_at: string
}

/** Where people say they are: only as exactly as others may learn it. The key is called `id` as in every indexed table. */
export interface UserLocationsTable {
  /** The user's. */
  id: string
  /** The middle of a cell of a fixed grid. */
  lon: number
  lat: number
  precision_m: number
  /** `none`, `friends` or `everyone`. */
  share: string
  /** After this the row no longer counts. */
  expires_at: string | null
  updated_at: string
}

/** Tables with a spatial index over `lon` and `lat`. */
export const spatialTables = ['places', 'user_locations'] as const
