import { ApiError } from '@atrium/client'
import type { TFunction } from 'i18next'

/** What is wrong with a code from a mail; undefined for every other trouble. */
export function explainCode(error: unknown, t: TFunction): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  if (error.code === 'too_many_attempts') return t('mail.codeSpent')
  if (error.code !== 'link_invalid') return undefined
  const left = error.problem.remaining_attempts
  return typeof left === 'number' && left > 0 ? t('mail.codeWrong', { count: left }) : t('mail.codeSpent')
}
