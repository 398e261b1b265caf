import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import classes from './dashboard.module.css'
import { type Load, type Measure, measured, together } from './load.ts'
import { useSayMeasure } from './say.ts'
import { Sparkline } from './sparkline.tsx'

/** So many steps make what counts as now: calm enough to be read. */
const nowSteps = 3
/** What a chart reaches at least, so that noise does not look like a mountain. */
const leastTop: Record<Measure, number> = {
  requests: 1,
  latency: 50,
  errors: 6,
  sockets: 4,
  pending: 4,
  pool: 1,
  queries: 5,
  query: 10,
  busy: 100,
  memory: 256e6,
}

interface MeasureCardProps {
  measure: Measure
  load: Load
  now: number
}

export function MeasureCard({ measure, load, now }: MeasureCardProps) {
  const { t } = useTranslation()
  const say = useSayMeasure()
  const { data, step_seconds: step, pool_max: poolMax } = load
  const points = data.map((sample) => ({ at: Date.parse(sample.at), value: measured(measure, sample, step) }))
  const known = points.flatMap(({ value }) => value ?? [])
  const current = together(measure, data.slice(-nowSteps), step)
  const most = known.length > 0 ? Math.max(...known) : null
  const name = t(`dashboard.measures.${measure}`)
  const label =
    known.length === 0
      ? t('dashboard.summaryNone', { name })
      : t('dashboard.summary', {
          name,
          now: say(measure, current),
          minutes: Math.max(1, Math.round((now - (points[0]?.at ?? now) + step * 1000) / 60_000)),
          least: say(measure, Math.min(...known)),
          most: say(measure, most),
        })
  const isAlarming = (measure === 'errors' || measure === 'pool') && isAlarm(measure, load)
  return (
    <li className={classes.card} data-measure={measure}>
      <h2 className={classes.name}>{name}</h2>
      <p className={classes.now} data-alarming={isAlarming || undefined}>
        {say(measure, current)}
      </p>
      <p className={classes.note}>{noteOf(measure, load, poolMax, t)}</p>
      <Sparkline
        points={points}
        now={now}
        least={measure === 'pool' ? poolMax : leastTop[measure]}
        label={label}
        isAlarming={isAlarming}
      />
      <p className={classes.scale} aria-hidden>
        <span>{t('dashboard.span')}</span>
        {most !== null && <span>{t('dashboard.most', { value: say(measure, most) })}</span>}
      </p>
    </li>
  )
}

/** Something fails, or somebody has to wait, in this minute. */
function isAlarm(measure: 'errors' | 'pool', { data }: Load): boolean {
  return data.slice(-6).some(({ errors, pool_waiting }) => (measure === 'errors' ? errors : pool_waiting) > 0)
}

function noteOf(measure: Measure, { data }: Load, count: number, t: TFunction): string {
  const waiting = data.at(-1)?.pool_waiting ?? 0
  if (measure === 'pool') {
    return waiting > 0 ? t('dashboard.notes.poolWaiting', { count, waiting }) : t('dashboard.notes.pool', { count })
  }
  const noted = (['latency', 'errors', 'query'] as const).find((name) => name === measure)
  return noted ? t(`dashboard.notes.${noted}`) : '\u00a0'
}
