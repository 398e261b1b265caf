import { Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import { tableLabel } from './columns.ts'
import classes from './data.module.css'
import { tablesQuery } from './queries.ts'

/** The tables one may see, and the one that is open; on a phone one or the other. */
export function DataPage() {
  const { t } = useTranslation()
  const { table } = useParams({ strict: false })
  const query = useQuery(tablesQuery)
  const tables = query.data
  return (
    <div className={classes.panes} data-open={table !== undefined} data-empty={tables?.length === 0 || undefined}>
      <div className={classes.side}>
        <Title
          order={table === undefined ? 1 : 2}
          size="h2"
          tabIndex={-1}
          {...(table === undefined ? { 'data-page-heading': true } : {})}
        >
          {t('data.title')}
        </Title>
        {query.isPending && (
          <Stack gap="xs" mt="md" role="status" aria-label={t('app.loading')}>
            <Skeleton h={40} />
            <Skeleton h={40} />
          </Stack>
        )}
        {tables && tables.length > 0 && (
          <nav aria-label={t('data.tables')}>
            <ul className={classes.tables}>
              {tables.map((each) => (
                <li key={each.name}>
                  <Link
                    to="/data/$table"
                    params={{ table: each.name }}
                    className={classes.table ?? ''}
                    title={each.description ?? each.name}
                  >
                    <IconTable size={18} stroke={1.6} aria-hidden />
                    <span className={classes.name}>{tableLabel(each)}</span>
                    {each.actions.every((action) => action === 'list' || action === 'get') && (
                      <span className={classes.badge}>{t('data.readOnly')}</span>
                    )}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </div>
      <div className={classes.open}>
        {query.isError ? (
          <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
        ) : tables?.length === 0 && table === undefined ? (
          <NoTables />
        ) : tables === undefined && table === undefined ? null : (
          <Outlet />
        )}
      </div>
    </div>
  )
}

function NoTables() {
  const { t } = useTranslation()
  const isAdmin = may(useUser(), 'tables:read')
  return (
    <div className={classes.empty}>
      <IconTable size={40} stroke={1.3} aria-hidden />
      <Text fw={650}>{t('data.emptyTitle')}</Text>
      <Text c="dimmed" maw={420}>
        {t(isAdmin ? 'data.emptyAdmin' : 'data.emptyText')}
      </Text>
      {isAdmin && (
        <Button component={Link} to="/admin/tables" variant="light" mt="sm">
          {t('data.toAdmin')}
        </Button>
      )}
    </div>
  )
}

/** Beside the list of tables when none of them is open. */
export function NoTable() {
  const { t } = useTranslation()
  usePageTitle(t('data.title'))
  return (
    <div className={classes.empty}>
      <IconTable size={40} stroke={1.3} aria-hidden />
      <Text c="dimmed">{t('data.choose')}</Text>
    </div>
  )
}
