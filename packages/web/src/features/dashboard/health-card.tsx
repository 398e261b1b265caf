import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import classes from './dashboard.module.css'
import { healthQuery } from './queries.ts'

const parts = ['database', 'redis', 'storage', 'email'] as const

/** Database, Redis, files and mail: whether each does its part. */
export function HealthCard() {
  const { t } = useTranslation()
  const { data } = useQuery(healthQuery)
  return (
    <ul className={classes.parts} aria-label={t('dashboard.parts')}>
      {parts.map((part) => {
        const state = data?.dependencies[part]
        return (
          <li key={part} className={classes.part} data-state={state?.status}>
            <span className={classes.dot} aria-hidden />
            <span>
              <span className={classes.partName}>{t(`dashboard.part.${part}`)}</span>
              <span className={classes.partState}>
                {state ? t(`dashboard.state.${state.status}`) : t('dashboard.unknown')}
                {state?.status === 'ok' && state.latency_ms !== null && (
                  <> · {t('dashboard.answered', { ms: Math.max(1, Math.round(state.latency_ms)) })}</>
                )}
              </span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
