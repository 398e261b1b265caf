import { Button, Group, Skeleton, Text, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { Chips } from '../../app/chips.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { ConfigList } from './config-list.tsx'
import classes from './console.module.css'
import { type Setting, settingsQuery } from './queries.ts'
import { SettingField } from './setting-field.tsx'
import { SettingHistory } from './setting-history.tsx'
import { useAdminNews } from './use-admin-news.ts'

type View = 'change' | 'history' | 'all'

export function SettingsPage() {
  const { t } = useTranslation()
  const [view, setView] = useState<View>('change')
  usePageTitle(t('admin.settings'))
  useAdminNews('settings')
  return (
    <>
      <Text c="dimmed" mb="md" maw={620}>
        {t('settings.text')}
      </Text>
      <Group mb="md">
        <Chips
          label={t('settings.view')}
          value={view}
          onChange={setView}
          choices={[
            { value: 'change', label: t('settings.change') },
            { value: 'history', label: t('settings.history') },
            { value: 'all', label: t('settings.all') },
          ]}
        />
      </Group>
      {view === 'change' ? <Changeable /> : view === 'history' ? <SettingHistory /> : <ConfigList />}
    </>
  )
}

function Changeable() {
  const { t } = useTranslation()
  const query = useQuery(settingsQuery)
  if (query.isPending) return <Skeleton h={320} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  return <SettingsForm settings={query.data} />
}

function SettingsForm({ settings }: { settings: readonly Setting[] }) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  /** What was typed and is not saved; null: the default. */
  const [drafts, setDrafts] = useState<Readonly<Record<string, string | null>>>({})
  const mayChange = may(me, 'settings:update')
  const changed = settings.filter(({ name, value, source }) => {
    const draft = drafts[name]
    return draft !== undefined && (draft === null ? source === 'stored' : draft !== value)
  })
  const save = useMutation({
    mutationFn: () => {
      const values = Object.fromEntries(changed.map(({ name }) => [name, drafts[name] ?? null]))
      return confirm(() => client.api.PUT('/api/v1/admin/settings', { body: { values } }))
    },
    onSuccess: (answer) => {
      if (!answer) return
      setDrafts({})
      cache.setQueryData(settingsQuery.queryKey, answer.data)
      void cache.invalidateQueries({ queryKey: ['admin', 'settings'] })
      announce(t('settings.saved'))
    },
  })
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Title order={2} size="h4" mb="xs" className={classes.hidden}>
        {t('settings.change')}
      </Title>
      <ul className={admin.list} aria-label={t('admin.settings')}>
        {settings.map((setting) => (
          <li key={setting.name}>
            <SettingField
              setting={setting}
              draft={drafts[setting.name]}
              isEditable={mayChange && setting.editable}
              error={save.error}
              onDraft={(draft) => {
                save.reset()
                setDrafts((before) => ({ ...before, [setting.name]: draft }))
              }}
            />
          </li>
        ))}
      </ul>
      {save.error && <FormAlert kind="error">{explainError(save.error, t)}</FormAlert>}
      {changed.length > 0 && (
        <Group justify="flex-end" className={classes.save ?? ''}>
          <Button variant="default" onClick={() => setDrafts({})}>
            {t('settings.discard')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('settings.save', { count: changed.length })}
          </Button>
        </Group>
      )}
    </form>
  )
}
