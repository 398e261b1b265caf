import type { TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import { AppError, platformErrors } from '../../../platform/errors.ts'
import { tablesErrors } from '../tables.errors.ts'

const invalid = (code: string, message: string) =>
  platformErrors.validation_failed({ detail: message, members: { errors: [{ pointer: '', code, message }] } })

/** What the database said, without its words: they name columns and values that the caller may not know of. */
export function translate(error: unknown, dialect: TablesDialect, changed: () => void): unknown {
  if (error instanceof AppError) return error
  const failure = dialect.classify(error)
  const cause = { cause: error }
  switch (failure) {
    case 'unique':
      return platformErrors.already_exists({ detail: 'There is a row with this key or unique value', ...cause })
    case 'foreign_key':
      return tablesErrors.foreign_key_conflict(cause)
    case 'not_null':
      return invalid('required', 'A column that needs a value has none')
    case 'check':
      return invalid('check_failed', 'A condition of the table does not hold')
    case 'too_long':
      return invalid('too_long', 'A value is too long for its column')
    case 'out_of_range':
      return invalid('out_of_range', 'A number does not fit its column')
    case 'invalid':
      return invalid('invalid', 'A value does not fit its column')
    case 'read_only':
      return tablesErrors.read_only_source(cause)
    case 'timeout':
      return tablesErrors.query_timeout(cause)
    case 'changed':
      // The schema has changed since it was read: the next request sees the new one.
      changed()
      return platformErrors.busy({ detail: 'The tables have changed meanwhile; send it again', ...cause })
    default:
      return error
  }
}
