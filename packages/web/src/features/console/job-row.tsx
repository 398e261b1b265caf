import { Button, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import classes from './console.module.css'
import type { Jobs } from './queries.ts'
import { sayDuration } from './say.ts'

type Job = Jobs['data'][number]

export function JobRow({ job }: { job: Job }) {
  const { t, i18n } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow(5_000)
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const run = useMutation({
    mutationFn: () =>
      confirm(() => client.api.POST('/api/v1/admin/jobs/{id}/retry', { params: { path: { id: job.id } } })),
    onSuccess: (begun) => begun && announce(t('jobs.started', { name: job.id })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['admin', 'jobs'] }),
  })
  const { last } = job
  const say = (ms: number) => sayDuration(ms, i18n.language)
  const next = job.next_at ? Date.parse(job.next_at) - now.getTime() : undefined
  const planned = next === undefined ? t('jobs.off') : next < 1_000 ? t('jobs.moments') : say(next)
  return (
    <div className={`${admin.row} ${classes.row}`}>
      <div className={admin.names}>
        <Text component="span" className={classes.code} fw={600}>
          {job.id}
        </Text>
        <div className={admin.quiet}>
          {t('jobs.every', { time: say(job.every_seconds * 1000) })}
          {job.failures > 0 && (
            <>
              , <span className={classes.bad}>{t('jobs.failures', { count: job.failures })}</span>
            </>
          )}
        </div>
      </div>
      <div className={`${admin.quiet} ${admin.middle}`}>
        {t('jobs.last')}: {last ? `${dates.ago(new Date(last.at), now)} (${say(last.duration_ms)})` : t('jobs.never')}
        {' · '}
        {t('jobs.next')}: {planned}
        {last?.error && <div className={classes.bad}>{last.error}</div>}
        {run.error && (
          <div className={classes.bad} role="alert">
            {explainError(run.error, t)}
          </div>
        )}
      </div>
      <div className={classes.buttons}>
        <JobState job={job} />
        {may(me, 'jobs:run') && (
          <Button
            size="compact-sm"
            variant="light"
            loading={run.isPending}
            disabled={job.running}
            aria-label={t('jobs.runLabel', { name: job.id })}
            onClick={() => run.mutate()}
          >
            {t('jobs.run')}
          </Button>
        )}
      </div>
    </div>
  )
}

function JobState({ job: { running, last } }: { job: Job }) {
  const { t } = useTranslation()
  if (running) return <span className={`${admin.badge} ${admin.good}`}>{t('jobs.running')}</span>
  if (!last) return null
  if (last.outcome === 'failed') return <span className={`${admin.badge} ${admin.bad}`}>{t('jobs.error')}</span>
  return <span className={admin.badge}>{last.done ? t('jobs.done', { count: last.done }) : t('jobs.idle')}</span>
}
