import { Button, Group, Skeleton, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { IconPlus, IconRefresh } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { NewTableDialog } from './new-table-dialog.tsx'
import { allTablesQuery, refreshTables } from './queries.ts'

/** All tables of the database, and which of them people may use. */
export function TablesPage() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const query = useQuery(allTablesQuery)
  const mayChange = may(useUser(), 'tables:update')
  const [isMaking, setMaking] = useState(false)
  usePageTitle(t('admin.tables'))
  const refresh = useGuarded({
    run: refreshTables,
    onDone: ({ data }) => {
      cache.setQueryData(allTablesQuery.queryKey, data)
      void cache.invalidateQueries({ queryKey: ['data'] })
      announce(t('tables.refreshed'))
    },
  })
  if (query.isPending) return <Skeleton h={240} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  return (
    <>
      <Group justify="space-between" mb="md">
        <Text c="dimmed" maw={520}>
          {t('tables.text')}
        </Text>
        {mayChange && (
          <Group gap="sm">
            <Button
              variant="default"
              leftSection={<IconRefresh size={18} stroke={1.75} aria-hidden />}
              loading={refresh.isPending}
              onClick={() => refresh.start()}
            >
              {t('tables.refresh')}
            </Button>
            <Button leftSection={<IconPlus size={18} stroke={1.75} aria-hidden />} onClick={() => setMaking(true)}>
              {t('tables.new')}
            </Button>
          </Group>
        )}
      </Group>
      {refresh.failure && <FormAlert kind="error">{refresh.failure}</FormAlert>}
      {query.data.length === 0 ? (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('tables.none')}
        </Text>
      ) : (
        <ul className={admin.list} aria-label={t('admin.tables')}>
          {query.data.map(({ name, label, kind, exposed, columns, roles }) => (
            <li key={name}>
              <Link to="/admin/tables/$table" params={{ table: name }} className={admin.row ?? ''}>
                <span className={admin.names}>
                  <Text component="span" fw={600}>
                    {label || name}
                  </Text>
                  <span className={admin.quiet}>
                    {' '}
                    {label ? `${name} · ` : ''}
                    {t('tables.columnCount', { count: columns })}
                    {kind === 'view' ? ` · ${t('tables.view')}` : ''}
                  </span>
                </span>
                <span className={`${admin.quiet} ${admin.middle}`}>
                  {exposed && (roles.length > 0 ? t('tables.for', { roles: roles.join(', ') }) : t('tables.forAdmins'))}
                </span>
                <span className={admin.end}>
                  <span className={`${admin.badge} ${exposed ? admin.good : ''}`}>
                    {t(exposed ? 'tables.exposed' : 'tables.hidden')}
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {isMaking && (
        <NewTableDialog
          tables={query.data.map(({ name }) => name)}
          onClose={() => setMaking(false)}
          onMade={(table) => void navigate({ to: '/admin/tables/$table', params: { table } })}
        />
      )}
    </>
  )
}
