import { ApiError } from '@atrium/client'
import type { FieldValues, Path, UseFormSetError } from 'react-hook-form'

/**
 * Puts each field error of the server at its field: `/password` → `password`, or as `names` says. Answers false when
 * there is none to place, and the form has to show the error as a whole.
 */
export function placeFieldErrors<Values extends FieldValues>(
  error: unknown,
  setError: UseFormSetError<Values>,
  fields: readonly Path<Values>[],
  words: Partial<Record<string, [field: Path<Values>, text: string]>> = {},
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
