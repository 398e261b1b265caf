import { ApiError } from '@atrium/client'

/** What the server said of single places, with where they are; undefined where it named none. */
export function sayPlaces(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.fieldErrors.size === 0) return undefined
  const places = [...error.fieldErrors].map(
    ([pointer, message]) => `${pointer.slice(1).replaceAll('/', ' › ')}: ${message}`,
  )
  return (error.status === 409 ? [error.message, ...places] : places).join(' ')
}
