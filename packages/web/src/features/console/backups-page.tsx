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
import { FormAlert } from '../accounts/form-alert.tsx'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { BackupRow } from './backup-row.tsx'
import classes from './console.module.css'
import { backupsQuery } from './queries.ts'
import { useAdminNews } from './use-admin-news.ts'

export function BackupsPage() {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const query = useQuery(backupsQuery)
  usePageTitle(t('admin.backups'))
  useAdminNews('backups')
  const make = useMutation({
    mutationFn: () => confirm(() => client.api.POST('/api/v1/admin/backups')),
    onSuccess: (backup) => backup && announce(t('backups.begun')),
    onSettled: () => cache.invalidateQueries(backupsQuery),
  })
  if (query.isPending) return <Skeleton h={240} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const { data, last_failure } = query.data
  const isBusy = data.some(({ state }) => state !== 'ready')
  return (
    <>
      <Group justify="space-between" align="flex-start" mb="md">
        <Text c="dimmed" maw={620}>
          {t('backups.text')}
        </Text>
        {may(me, 'backups:create') && (
          <Button loading={make.isPending} disabled={isBusy} onClick={() => make.mutate()}>
            {t('backups.make')}
          </Button>
        )}
      </Group>
      {make.error && <FormAlert kind="error">{explainError(make.error, t)}</FormAlert>}
      {last_failure && <FormAlert kind="error">{t('backups.failed', { reason: last_failure })}</FormAlert>}
      {data.length === 0 ? (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('backups.none')}
        </Text>
      ) : (
        <ul className={admin.list} aria-label={t('admin.backups')}>
          {data.map((backup) => (
            <li key={backup.id}>
              <BackupRow backup={backup} isBusy={isBusy} />
            </li>
          ))}
        </ul>
      )}
      <div className={classes.note}>
        <Text fw={600}>{t('backups.restoreTitle')}</Text>
        <Text c="dimmed" size="sm">
          {t('backups.restoreText')}
        </Text>
        <code className={classes.code}>npm run atrium -- restore atrium-….atrium</code>
      </div>
    </>
  )
}
