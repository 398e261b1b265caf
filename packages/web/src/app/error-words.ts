import { ApiError, NetworkError } from '@atrium/client'
import type { TFunction } from 'i18next'

/** What went wrong, in words for the person in front of it. The server's own sentences are used where it has one. */
export function explainError(error: unknown, t: TFunction, timeOf?: (at: Date) => string): string {
  if (error instanceof NetworkError) return t('errors.network')
  if (!(error instanceof ApiError)) return t('errors.server')
  if (error.code === 'account_locked' && typeof error.problem.locked_until === 'string' && timeOf) {
    return t('errors.locked', { time: timeOf(new Date(error.problem.locked_until)) })
  }
  if (error.status === 429) return t('errors.rateLimited', { count: Math.max(1, Math.ceil(error.retryAfter ?? 30)) })
  if (error.status >= 500) return `${t('errors.server')} ${t('errors.reference', { id: error.requestId })}`
  return error.message
}
