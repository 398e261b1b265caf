import { ApiError } from '@atrium/client'

/**
 * Puts each field error of the server at its field: `/password` → `password`, or as `names` says. Answers false when
 * there is none to place, and the form has to show the error as a whole.
 */
export function placeFieldErrors<Field extends string>(
  error: unknown,
  setError: (field: Field, error: { message: string }, options: { shouldFocus: boolean }) => void,
  fields: readonly Field[],
  words: Partial<Record<string, [field: Field, text: string]>> = {},
): boolean {
  if (!(error instanceof ApiError)) return false
  const own = words[error.code]
  if (own) {
    setError(own[0], { message: own[1] }, { shouldFocus: true })
    return true
  }
  let placed = false
  for (const field of fields) {
    const message = error.fieldErrors.get(`/${field}`)
    if (message === undefined) continue
    setError(field, { message }, { shouldFocus: !placed })
    placed = true
  }
  return placed
}
