import { Button, Group, Skeleton, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import classes from './console.module.css'
import { cacheQuery } from './queries.ts'

export function CachePage() {
  const { t, i18n } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const query = useQuery(cacheQuery)
  usePageTitle(t('admin.cache'))
  const clear = useMutation({
    mutationFn: (prefix: string) =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/admin/cache', { params: { query: prefix ? { prefix } : {} } })
        return true
      }),
    onSuccess: (isDone) => isDone && announce(t('cache.cleared')),
    onSettled: () => cache.invalidateQueries(cacheQuery),
  })
  if (query.isPending) return <Skeleton h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const mayClear = may(me, 'cache:clear')
  const number = new Intl.NumberFormat(i18n.language)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  return (
    <>
      <Group justify="space-between" align="flex-start" mb="md">
        <Text c="dimmed" maw={620}>
          {t('cache.text')}
        </Text>
        {mayClear && (
          <Button
            variant="default"
            loading={clear.isPending && clear.variables === ''}
            onClick={() => clear.mutate('')}
          >
            {t('cache.clearAll')}
          </Button>
        )}
      </Group>
      {clear.error && (
        <Text c="var(--danger-text)" role="alert" mb="md">
          {explainError(clear.error, t)}
        </Text>
      )}
      <ul className={admin.list} aria-label={t('admin.cache')}>
        {query.data.map(({ name, entries, max_entries, hits, misses }) => (
          <li key={name} className={`${admin.row} ${classes.row}`}>
            <span className={classes.code}>{name}</span>
            <span className={`${admin.quiet} ${admin.middle}`}>
              {t('cache.entries', { entries: number.format(entries), most: number.format(max_entries) })}
              {' · '}
              {hits + misses === 0
                ? t('cache.unasked')
                : t('cache.rate', {
                    rate: percent.format(hits / (hits + misses)),
                    asked: number.format(hits + misses),
                  })}
            </span>
            {mayClear ? (
              <Button
                size="compact-sm"
                variant="light"
                aria-label={t('cache.clearLabel', { name })}
                loading={clear.isPending && clear.variables === name}
                onClick={() => clear.mutate(name)}
              >
                {t('cache.clear')}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
