import { Type } from 'typebox'

/** How much people may put on the map. */
export const placeSettings = {
  PLACES_PER_PERSON: Type.Integer({
    default: 50_000,
    minimum: 0,
    maximum: 1_000_000_000,
    description: 'How many places one person may keep; 0 sets no limit.',
  }),
}
