import { Skeleton, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import admin from '../admin/admin.module.css'
import classes from './console.module.css'
import { JobRow } from './job-row.tsx'
import { type Jobs, jobsQuery } from './queries.ts'
import { useAdminNews } from './use-admin-news.ts'

const mostCounted = 1_000

export function JobsPage() {
  const { t } = useTranslation()
  const dates = useDates()
  const query = useQuery(jobsQuery)
  usePageTitle(t('admin.jobs'))
  useAdminNews('jobs')
  if (query.isPending) return <Skeleton h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const { since, processes, queues, data } = query.data
  return (
    <>
      <Text c="dimmed" mb="md" maw={620}>
        {t('jobs.text')} {t('jobs.since', { time: dates.full(new Date(since)) })}{' '}
        {processes > 1 && t('console.process', { count: processes })}
      </Text>
      <ul className={classes.cards} aria-label={t('jobs.queues')}>
        {queues.map((queue) => (
          <QueueCard key={queue.name} queue={queue} />
        ))}
      </ul>
      <ul className={admin.list} aria-label={t('admin.jobs')}>
        {data.map((job) => (
          <li key={job.id}>
            <JobRow job={job} />
          </li>
        ))}
      </ul>
    </>
  )
}

const queueNames = ['mails', 'webhooks'] as const

function QueueCard({ queue }: { queue: Jobs['queues'][number] }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const { name, waiting, failed, oldest_due } = queue
  const known = queueNames.find((each) => each === name)
  const oldest =
    oldest_due && waiting > 0 ? `, ${t('jobs.oldest', { time: dates.ago(new Date(oldest_due), now) })}` : ''
  return (
    <li className={classes.card}>
      <p className={admin.quiet}>{known ? t(`jobs.queue.${known}`) : name}</p>
      <p className={classes.figure}>{waiting === 0 ? t('jobs.nothing') : t('jobs.waiting', { count: waiting })}</p>
      <p className={admin.quiet}>
        {failed > 0 && (
          <span className={classes.bad}>
            {failed >= mostCounted ? t('jobs.many') : t('jobs.failed', { count: failed })}
          </span>
        )}
        {oldest}
      </p>
    </li>
  )
}
