import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { client } from '../../app/client.ts'
import { useDates } from '../../app/use-dates.ts'
import classes from './admin.module.css'

type AuditPage = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/audit', object>>>
export type AuditEvent = AuditPage extends { data: (infer Event)[] } ? Event : never

const kinds = ['user', 'api_key', 'system', 'anonymous'] as const

export function AuditRow({ event }: { event: AuditEvent }) {
  const { t } = useTranslation()
  const dates = useDates()
  const at = new Date(event.at)
  const kind = kinds.find((name) => name === event.actor.kind) ?? 'system'
  const person = (id: string) => (
    <Link to="/admin/users/$userId" params={{ userId: id }} className={classes.link ?? ''}>
      {id.slice(0, 8)}…
    </Link>
  )
  const hasDetail = Object.keys(event.detail).length > 0
  return (
    <div className={classes.row}>
      <div className={classes.names}>
        <Text component="span" fw={600}>
          {event.event_type}
        </Text>
        <div className={classes.quiet}>
          <time dateTime={event.at}>
            {dates.date(at)}, {dates.time(at)}
          </time>
          {event.path ? ` · ${event.method ?? ''} ${event.path}` : ''}
        </div>
        {hasDetail && (
          <details className={classes.quiet}>
            <summary>{t('audit.details')}</summary>
            <pre className={classes.json}>{JSON.stringify(event.detail, null, 2)}</pre>
          </details>
        )}
      </div>
      <div className={`${classes.quiet} ${classes.middle}`}>
        {t(`audit.actor.${kind}`)} {event.actor.id && person(event.actor.id)}
        {event.impersonator_id && ` (${t('audit.acting', { id: event.impersonator_id.slice(0, 8) })})`}
        {event.user_id && event.user_id !== event.actor.id && (
          <>
            {' '}
            {t('audit.about')} {person(event.user_id)}
          </>
        )}
        {event.ip && <div>{event.ip}</div>}
      </div>
      <span className={`${classes.badge} ${event.success ? classes.good : classes.bad}`}>{event.outcome}</span>
    </div>
  )
}
