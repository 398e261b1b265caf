import type { DatabaseHandle } from '../db/database.ts'
import { AppError } from '../errors.ts'

/** The database, or something else that was asked and is away: those who watch it say so, and it passes. */
export const outageOf =
  ({ dialect }: Pick<DatabaseHandle, 'dialect'>) =>
  (error: unknown): boolean =>
    (error instanceof AppError && error.status > 500) || dialect.isUnavailable(error) || dialect.isDiskFull(error)
