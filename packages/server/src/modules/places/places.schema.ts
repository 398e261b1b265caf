import { type Static, Type } from 'typebox'
import { maxDistance } from '../../platform/geo/geodesic.ts'
import { Id, nullable, Page, pageOf, strict, Time } from '../../platform/http/schemas.ts'

export const maxPositions = 10_000

const Coordinate = Type.Array(Type.Number(), {
  minItems: 2,
  maxItems: 3,
  description: 'Longitude, latitude in degrees, WGS 84; a height is taken and not kept',
  examples: [[8.5417, 47.3769]],
})

export const Point = Type.Object(
  { type: Type.Literal('Point'), coordinates: Coordinate },
  { ...strict, title: 'Point', description: 'A GeoJSON Point (RFC 7946)' },
)

const LonLat = Type.Object({ lon: Type.Number(), lat: Type.Number() }, { ...strict, title: 'LonLat' })

export const Visibility = Type.Union([Type.Literal('private'), Type.Literal('public')], {
  description: 'private: its owner alone sees it; public: everybody who may see places',
})

const Properties = Type.Object(
  {},
  {
    additionalProperties: true,
    maxProperties: 200,
    description: 'Anything else, as JSON of at most 16 000 characters',
  },
)

const details = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  category: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 64 }))),
  geometry: Type.Optional(Point),
  location: Type.Optional(LonLat),
  properties: Type.Optional(Properties),
  visibility: Type.Optional(Visibility),
}

export const NewPlace = Type.Object(details, {
  ...strict,
  title: 'NewPlace',
  description: 'Where it lies is said once: as geometry or as location',
})
export type NewPlace = Static<typeof NewPlace>

export const PlacePatch = Type.Object(
  { ...details, name: Type.Optional(details.name) },
  { ...strict, title: 'PlacePatch', description: 'Merged into the place (RFC 7396); null removes' },
)
export type PlacePatch = Static<typeof PlacePatch>

export const Place = Type.Object(
  {
    id: Id,
    owner_id: Id,
    name: Type.String(),
    category: nullable(Type.String()),
    geometry: Point,
    properties: Type.Object({}, { additionalProperties: true }),
    visibility: Visibility,
    distance_m: Type.Optional(
      Type.Number({ description: 'From `near`, along the WGS 84 ellipsoid, to the centimetre' }),
    ),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'Place' },
)
export type Place = Static<typeof Place>

export const PlaceList = pageOf(Place, 'PlaceList')
export type PlaceList = Static<typeof PlaceList>

export const PlaceFeature = Type.Object(
  {
    type: Type.Literal('Feature'),
    id: Id,
    geometry: Point,
    properties: Type.Object({}, { additionalProperties: true }),
  },
  { title: 'PlaceFeature' },
)
export type PlaceFeature = Static<typeof PlaceFeature>

export const PlaceFeatureCollection = Type.Object(
  { type: Type.Literal('FeatureCollection'), features: Type.Array(PlaceFeature), page: Page },
  { title: 'PlaceFeatureCollection' },
)

const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 1000 })),
}

export const PlaceQuery = Type.Object(
  {
    near: Type.Optional(
      Type.String({
        maxLength: 80,
        description: 'lon,lat: nearest first, with distance_m',
        examples: ['8.5417,47.3769'],
      }),
    ),
    radius: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: maxDistance, description: 'Metres around `near`; absent: anywhere' }),
    ),
    bbox: Type.Optional(
      Type.String({
        maxLength: 160,
        description: 'west,south,east,north; west may be greater than east: then it crosses the antimeridian',
      }),
    ),
    category: Type.Optional(Type.String({ maxLength: 64 })),
    filter: Type.Optional(
      Type.String({
        maxLength: 4000,
        description: 'JSON, as in POST /places/within; or `filter[field][operator]=value`',
      }),
    ),
    ...paging,
  },
  { ...strict, patternProperties: { '^filter\\[': Type.String({ maxLength: 1000 }) } },
)
export type PlaceQuery = Static<typeof PlaceQuery>

/** Positions are looked at one by one, elsewhere: a list of what is wrong with each of ten thousand helps nobody. */
export const Polygon = Type.Object(
  {
    type: Type.Union([Type.Literal('Polygon'), Type.Literal('MultiPolygon')]),
    coordinates: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }),
  },
  {
    ...strict,
    title: 'Polygon',
    description: `A GeoJSON Polygon: a ring around, then rings around holes; or a MultiPolygon, which is also how an area across the antimeridian is written. At most ${maxPositions} positions`,
  },
)
export type Polygon = Static<typeof Polygon>

export const PlacesWithin = Type.Object(
  {
    polygon: Polygon,
    category: Type.Optional(Type.String({ maxLength: 64 })),
    filter: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          maxProperties: 20,
          description: '`{field: {operator: value}}` of category, visibility, owner_id, name, created_at, updated_at',
        },
      ),
    ),
    ...paging,
  },
  { ...strict, title: 'PlacesWithin' },
)
export type PlacesWithin = Static<typeof PlacesWithin>

export const ExportQuery = Type.Object(
  { format: Type.Optional(Type.Union([Type.Literal('geojson'), Type.Literal('csv')], { default: 'geojson' })) },
  strict,
)

export const PlaceImport = Type.Object(
  {
    rows: Type.Integer({ description: 'Places of the file' }),
    created: Type.Integer(),
    failed: Type.Integer({ description: 'Rows that cannot be places' }),
    errors: Type.Array(Type.Object({ pointer: Type.String(), code: Type.String(), message: Type.String() }), {
      description: 'What is wrong, of the first 100; a pointer begins with the row',
    }),
    dry_run: Type.Boolean(),
  },
  { title: 'PlaceImport' },
)
export type PlaceImport = Static<typeof PlaceImport>
