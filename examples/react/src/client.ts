import { ApiError, createClient, NetworkError } from '@atrium/client'

/** One for the whole page. Without `baseUrl` it asks the page's own address. */
export const client = createClient()

/** What people are told of an error. What is none of Atrium's goes on as it is. */
export function wordsOf(error: unknown): string {
  if (error instanceof ApiError) return [error.message, ...error.fieldErrors.values()].join(' ')
  if (error instanceof NetworkError) return 'The server cannot be reached.'
  throw error
}
