import { Skeleton, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chips } from '../../app/chips.tsx'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { may } from '../admin/rights.ts'
import classes from './dashboard.module.css'
import { HealthCard } from './health-card.tsx'
import { type Load, measures } from './load.ts'
import { LoadTable } from './load-table.tsx'
import { MeasureCard } from './measure-card.tsx'
import { loadQuery } from './queries.ts'

/** How the server is doing now, and how it did in the last hour. */
export function DashboardPage() {
  const { t } = useTranslation()
  const dates = useDates()
  const query = useQuery(loadQuery)
  const [view, setView] = useState<'charts' | 'table'>('charts')
  const maySeeHealth = may(useUser(), 'health:read')
  usePageTitle(t('admin.overview'))
  if (query.isPending) return <Skeleton h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) {
    return <Failure title={t('dashboard.failed')} error={query.error} onRetry={() => void query.refetch()} />
  }
  const load = query.data
  const last = load.data.at(-1)
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Text c="dimmed" maw={620}>
          {t('dashboard.text')} {t('dashboard.since', { time: dates.full(new Date(load.since)) })}
        </Text>
        <Chips
          label={t('dashboard.view')}
          value={view}
          onChange={setView}
          choices={[
            { value: 'charts', label: t('dashboard.charts') },
            { value: 'table', label: t('dashboard.table') },
          ]}
        />
      </div>
      {query.isError && last && (
        <FormAlert kind="error">{t('dashboard.late', { time: dates.time(new Date(last.at)) })}</FormAlert>
      )}
      {maySeeHealth && <HealthCard />}
      {!last ? (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('dashboard.none')}
        </Text>
      ) : view === 'charts' ? (
        <Charts load={load} now={Date.parse(last.at)} />
      ) : (
        <LoadTable load={load} />
      )}
    </div>
  )
}

function Charts({ load, now }: { load: Load; now: number }) {
  return (
    <ul className={classes.cards}>
      {measures.map((measure) => (
        <MeasureCard key={measure} measure={measure} load={load} now={now} />
      ))}
    </ul>
  )
}
