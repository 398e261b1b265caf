import { Skeleton, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import admin from '../admin/admin.module.css'
import classes from './console.module.css'
import { configQuery } from './queries.ts'

/** Every setting as it counts. Most of them are the operator's. */
export function ConfigList() {
  const { t } = useTranslation()
  const query = useQuery(configQuery)
  const [search, setSearch] = useState('')
  if (query.isPending) return <Skeleton h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const typed = search.trim().toUpperCase().replaceAll(' ', '_')
  const found = query.data.filter(({ name }) => name.includes(typed))
  return (
    <>
      <TextInput
        label={t('settings.search')}
        mb="md"
        maw={420}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {found.length === 0 && (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('settings.none')}
        </Text>
      )}
      {found.length > 0 && (
        <ul className={admin.list} aria-label={t('settings.all')}>
          {found.map(({ name, value, source, description }) => (
            <li key={name} className={classes.setting}>
              <div className={admin.names}>
                <span className={classes.code}>{name}</span>
                <Text size="sm" c="dimmed">
                  {description}
                </Text>
              </div>
              <div>
                <span className={classes.code}>{value || t('settings.nothing')}</span>
                <div className={classes.from}>{t(`settings.source.${source}`)}</div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
