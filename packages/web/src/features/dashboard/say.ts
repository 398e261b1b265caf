import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { knownLocale } from '../../app/dates.ts'
import { useSession } from '../../app/session.ts'
import type { Measure } from './load.ts'

export type SayMeasure = (measure: Measure, value: number | null) => string

/** A measure with its unit, as short as it stays true. */
export function useSayMeasure(): SayMeasure {
  const { t } = useTranslation()
  const { user } = useSession()
  const locale = knownLocale(user?.locale)
  return useMemo(() => {
    const format = (options: Intl.NumberFormatOptions = {}) => {
      const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, ...options })
      const fine = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, ...options })
      return (value: number) => (Math.abs(value) < 10 ? fine : whole).format(value)
    }
    const unit = (name: string) => format({ style: 'unit', unit: name, unitDisplay: 'short' })
    const [plain, ms, seconds, percent, megabytes] = [
      format(),
      unit('millisecond'),
      unit('second'),
      unit('percent'),
      unit('megabyte'),
    ]
    return (measure, value) => {
      if (value === null) return t('dashboard.unknown')
      if (measure === 'latency' || measure === 'query') return value < 1000 ? ms(value) : seconds(value / 1000)
      if (measure === 'busy') return percent(value)
      if (measure === 'memory') return megabytes(value / 1e6)
      return plain(value)
    }
  }, [t, locale])
}
