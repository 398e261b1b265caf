import { Type } from 'typebox'

/** How much people may put on the map. */
export const placeSettings = {
  PLACES_PER_PERSON: Type.Integer({
    default: 50_000,
    minimum: 0,
    maximum: 1_000_000_000,
    description: 'How many places one person may keep; 0 sets no limit.',
  }),
  MAP_TILE_URL: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'Where the map of the web app loads its pictures, e.g. https://tiles.example.com/{z}/{x}/{y}.png; browsers then tell that server what people look at. Empty: an outline of the world that comes with the server.',
  }),
  MAP_TILE_ATTRIBUTION: Type.String({
    default: '',
    maxLength: 200,
    description: 'What the tile server asks to be named, as text: © OpenStreetMap contributors, say.',
  }),
}
