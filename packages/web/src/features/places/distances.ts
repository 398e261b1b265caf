import { useTranslation } from 'react-i18next'

/** Metres as people say them. */
export function useDistances(): (metres: number) => string {
  const { t, i18n } = useTranslation()
  return (metres) => {
    const isFar = metres >= 1000
    const digits = isFar && metres < 10_000 ? 1 : 0
    const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits })
    const count = number.format(isFar ? metres / 1000 : metres)
    return isFar ? t('places.kilometres', { count: count as never }) : t('places.metres', { count: count as never })
  }
}
