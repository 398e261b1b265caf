import { useTranslation } from 'react-i18next'
import { useDates } from '../../app/use-dates.ts'
import classes from './dashboard.module.css'
import { byFiveMinutes, type Load, measures, together } from './load.ts'
import { useSayMeasure } from './say.ts'

/** The same numbers to be read, heard or copied. */
export function LoadTable({ load }: { load: Load }) {
  const { t } = useTranslation()
  const say = useSayMeasure()
  const dates = useDates()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard too
    <section className={classes.scroll} aria-label={t('dashboard.tableLabel')} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('dashboard.time')}</th>
            {measures.map((measure) => (
              <th key={measure} scope="col">
                {t(`dashboard.measures.${measure}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {byFiveMinutes(load.data).map(({ until, samples }, index) => (
            <tr key={until.getTime()}>
              <th scope="row">{index === 0 ? t('dashboard.now') : dates.time(until)}</th>
              {measures.map((measure) => (
                <td key={measure}>{say(measure, together(measure, samples, load.step_seconds))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
