import type { TFunction } from 'i18next'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { knownLocale, knownTimeZone } from '../../../app/dates.ts'
import { useSession } from '../../../app/session.ts'
import type { Column } from '../types.ts'

/** A value in words. `isQuiet`: said about the value, not the value itself. */
export interface ValueText {
  text: string
  isQuiet?: boolean
}

export type SayValue = (value: unknown, column: Pick<Column, 'type'>) => ValueText

const longest = 300

export function createSayValue(t: TFunction, locale: string | undefined, timeZone: string | undefined): SayValue {
  const zone = timeZone ? { timeZone } : {}
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', ...zone })
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const dated = (format: Intl.DateTimeFormat, text: string): ValueText => {
    const at = new Date(text)
    return { text: Number.isNaN(at.getTime()) ? text : format.format(at) }
  }
  return (value, { type }) => {
    if (value === null || value === undefined) return { text: t('data.noValue'), isQuiet: true }
    if (value === '') return { text: t('data.emptyString'), isQuiet: true }
    if (value === true || value === false) return { text: t(value ? 'data.yes' : 'data.no') }
    if (type === 'datetime') return dated(instant, String(value))
    if (type === 'date') return dated(day, String(value))
    if (type === 'binary') return { text: t('data.bytes', { count: bytesOf(String(value)) }), isQuiet: true }
    if (type === 'json' || typeof value === 'object') return { text: JSON.stringify(value).slice(0, longest) }
    return { text: String(value).slice(0, longest) }
  }
}

/** Of base64 with its padding. */
export const bytesOf = (base64: string): number =>
  (base64.length / 4) * 3 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0)

export function useTimeZone(): string | undefined {
  const { user } = useSession()
  return knownTimeZone(user?.time_zone)
}

export function useSayValue(): SayValue {
  const { t } = useTranslation()
  const { user } = useSession()
  const locale = knownLocale(user?.locale)
  const timeZone = useTimeZone()
  return useMemo(() => createSayValue(t, locale, timeZone), [t, locale, timeZone])
}
