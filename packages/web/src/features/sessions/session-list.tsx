import { Button, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import classes from './session-list.module.css'
import { SessionRow } from './session-row.tsx'
import { sessionsQuery } from './sessions-query.ts'

export function SessionList() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const query = useQuery(sessionsQuery)
  const endOthers = useMutation({
    mutationFn: () => confirm(() => client.sessions.revokeOthers()),
    onSettled: () => cache.invalidateQueries(sessionsQuery),
  })

  if (query.isPending) {
    return (
      <Stack gap="lg" role="status" aria-label={t('app.loading')}>
        <Skeleton h={44} />
        <Skeleton h={44} />
      </Stack>
    )
  }
  if (!query.data) {
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  const others = query.data.filter(({ current }) => !current)
  return (
    <Stack gap="lg">
      <ul className={classes.list}>
        {query.data.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
      {others.length === 0 && <Text c="dimmed">{t('sessions.onlyOne')}</Text>}
      <div role="status">
        {endOthers.data !== undefined && <Text>{t('sessions.endedOthers', { count: endOthers.data })}</Text>}
      </div>
      {endOthers.error && (
        <Text c="var(--danger-text)" role="alert">
          {explainError(endOthers.error, t)}
        </Text>
      )}
      {others.length > 0 && (
        <Button
          variant="default"
          className={classes.others ?? ''}
          loading={endOthers.isPending}
          onClick={() => endOthers.mutate()}
        >
          {t('sessions.endOthers')}
        </Button>
      )}
    </Stack>
  )
}
