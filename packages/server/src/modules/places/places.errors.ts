import { defineErrors } from '../../platform/errors.ts'

export const placesErrors = defineErrors({
  location_unknown: [
    'forbidden',
    'You have not said where you are',
    'PUT /api/v1/users/me/location first; with share "none" nobody else learns of it.',
  ],
})
