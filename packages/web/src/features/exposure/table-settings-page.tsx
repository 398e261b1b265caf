import { type AdminTable, ApiError, type TableSettings } from '@atrium/client'
import { Button, Group, Skeleton, Text, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import { may } from '../admin/rights.ts'
import { ColumnsCard } from './columns-card.tsx'
import { GeneralCard } from './general-card.tsx'
import { renewTables, saveSettings, tableQuery } from './queries.ts'
import { RuleTester } from './rule-tester.tsx'
import { RulesCard } from './rules-card.tsx'
import { sayPlaces } from './said.ts'
import classes from './tables.module.css'

export function TableSettingsPage() {
  const { t } = useTranslation()
  const { table = '' } = useParams({ strict: false })
  const query = useQuery(tableQuery(table))
  usePageTitle(table)
  // Not while older settings are still in the memory: they would be what is edited.
  if (query.isPending || (query.isFetching && !query.isFetchedAfterMount)) {
    return <Skeleton h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  }
  if (!query.data) {
    const isGone = query.error instanceof ApiError && query.error.status === 404
    if (isGone) return <Failure title={t('tables.noSuch')} text={t('tables.noSuchText')} />
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  return <Settings key={`${query.data.name} ${query.data.version}`} table={query.data} />
}

function Settings({ table }: { table: AdminTable }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const mayChange = may(useUser(), 'tables:update')
  const [settings, setSettings] = useState<TableSettings>(table.settings)
  const isChanged = JSON.stringify(settings) !== JSON.stringify(table.settings)
  const save = useGuarded({
    run: () => saveSettings(table, settings),
    onDone: (saved) => {
      announce(t('tables.saved'))
      cache.setQueryData(tableQuery(table.name).queryKey, saved)
      void renewTables(cache)
    },
    explain: (error) => {
      const isOutdated = error instanceof ApiError && error.code === 'precondition_failed'
      return isOutdated ? t('tables.changedElsewhere') : sayPlaces(error)
    },
  })
  const part = { table, settings, onChange: setSettings, isDisabled: !mayChange }
  return (
    <div className={classes.settings}>
      <Group justify="space-between">
        <div>
          <Title order={2}>{table.name}</Title>
          <Text c="dimmed" size="sm">
            {t(table.writable.update || table.writable.insert ? 'tables.writable' : 'tables.readOnly')}
          </Text>
        </div>
        <Group gap="sm">
          <Button component={Link} to="/admin/tables" variant="subtle">
            {t('tables.all')}
          </Button>
          {table.exposed && (
            <Button component={Link} to={`/data/${encodeURIComponent(table.name)}`} variant="default">
              {t('tables.look')}
            </Button>
          )}
        </Group>
      </Group>
      <GeneralCard {...part} />
      <RulesCard {...part} />
      {mayChange && <RuleTester table={table} settings={settings} />}
      <ColumnsCard table={table} isDisabled={!mayChange} />
      {mayChange && (
        <div className={classes.bar} data-changed={isChanged || undefined}>
          {save.failure && <FormAlert kind="error">{save.failure}</FormAlert>}
          <Group justify="flex-end">
            {isChanged && (
              <Button variant="default" onClick={() => setSettings(table.settings)}>
                {t('tables.undo')}
              </Button>
            )}
            <Button disabled={!isChanged} loading={save.isPending} onClick={() => save.start()}>
              {t('tables.save')}
            </Button>
          </Group>
        </div>
      )}
    </div>
  )
}
