import { Button, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { personName } from '../people/person.ts'
import classes from './admin.module.css'
import { may } from './rights.ts'

type BlockPage = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/rate-limits', object>>>
type Block = BlockPage extends { data: (infer Item)[] } ? Item : never

const queryKey = ['admin', 'limits']

export function LimitsPage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('admin.limits'))
  const cache = useQueryClient()
  const query = useQuery({
    queryKey,
    queryFn: async () => (await client.api.GET('/api/v1/admin/rate-limits')).data,
    refetchInterval: 10_000,
  })
  const lift = useMutation({
    mutationFn: (key: string) => client.api.DELETE('/api/v1/admin/rate-limits/{key}', { params: { path: { key } } }),
    onSuccess: () => announce(t('limits.lifted')),
    onSettled: () => cache.invalidateQueries({ queryKey }),
  })
  if (query.error) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const blocks = query.data ?? []
  return (
    <>
      <Text c="dimmed" mb="md">
        {t('limits.text')}
      </Text>
      {lift.error && (
        <Text c="var(--danger-text)" role="alert">
          {explainError(lift.error, t)}
        </Text>
      )}
      {query.data && blocks.length === 0 && (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('limits.none')}
        </Text>
      )}
      {blocks.length > 0 && (
        <ul className={classes.list} aria-label={t('admin.limits')}>
          {blocks.map((block) => (
            <li key={block.key} className={classes.row}>
              <div className={classes.names}>
                <Subject block={block} />
                <div className={classes.quiet}>{block.limit}</div>
              </div>
              <span className={`${classes.quiet} ${classes.middle}`}>
                {t('limits.wait', { seconds: block.retry_after })}
              </span>
              {may(me, 'limits:update') && (
                <Button size="compact-sm" variant="light" onClick={() => lift.mutate(block.key)}>
                  {t('limits.lift')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Subject({ block: { user, network } }: { block: Block }) {
  const { t } = useTranslation()
  const me = useUser()
  if (user) {
    const name = `${personName(user)} (@${user.username})`
    if (!may(me, 'users:read')) return <Text fw={600}>{name}</Text>
    return (
      <Link to="/admin/users/$userId" params={{ userId: user.id }} className={classes.link ?? ''}>
        {name}
      </Link>
    )
  }
  return <Text fw={600}>{network ?? t('limits.unknown')}</Text>
}
