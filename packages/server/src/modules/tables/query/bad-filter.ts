import { type AppError, type FieldError, platformErrors } from '../../../platform/errors.ts'

/** The same words for a name that is hidden and one that was never there. `errors`: where in a value it lies. */
export const badFilter = (detail: string, errors?: FieldError[]): AppError =>
  platformErrors.bad_filter({ detail, ...(errors ? { members: { errors } } : {}) })
