import { Anchor, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import admin from '../admin/admin.module.css'
import { PagedList } from '../admin/paged-list.tsx'
import { type AdminSession, SessionRow } from './session-row.tsx'
import { useAdminNews } from './use-admin-news.ts'

/** News tell of what ended; who has come is found by looking again. */
const againMs = 15_000

export function SessionsPage() {
  const { t } = useTranslation()
  const { userId: user } = useParams({ strict: false })
  const [search, setSearch] = useState('')
  const [device, setDevice] = useState('')
  const [ip, setIp] = useState('')
  usePageTitle(t('admin.sessions'))
  useAdminNews('sessions')
  const [typed] = useDebouncedValue({ search: search.trim(), device: device.trim(), ip: ip.trim() }, 300)
  const filter = {
    ...(user ? { user_id: user } : {}),
    ...(typed.search ? { search: typed.search } : {}),
    ...(typed.device ? { device: typed.device } : {}),
    ...(typed.ip ? { ip: typed.ip } : {}),
  }
  return (
    <>
      <Text c="dimmed" mb="md" maw={620}>
        {t('adminSessions.text')}
      </Text>
      <div className={admin.filters}>
        <TextInput
          label={t('adminSessions.search')}
          placeholder={t('adminSessions.searchHint')}
          value={search}
          maxLength={200}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <TextInput
          label={t('adminSessions.device')}
          placeholder={t('adminSessions.deviceHint')}
          value={device}
          maxLength={100}
          onChange={(event) => setDevice(event.currentTarget.value)}
        />
        <TextInput
          label={t('adminSessions.ip')}
          placeholder={t('adminSessions.ipHint')}
          value={ip}
          maxLength={64}
          onChange={(event) => setIp(event.currentTarget.value)}
        />
      </div>
      {user && (
        <Text mb="md">
          {t('adminSessions.ofOne')}{' '}
          <Anchor component={Link} to="/admin/sessions">
            {t('adminSessions.everybody')}
          </Anchor>
        </Text>
      )}
      <PagedList
        queryKey={['admin', 'sessions', filter]}
        refetchInterval={againMs}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/sessions', { params: { query: { ...filter, ...(cursor ? { cursor } : {}) } } })
        }
        label={t('admin.sessions')}
        empty={Object.keys(filter).length > 0 ? t('adminSessions.none') : t('adminSessions.noneAtAll')}
      >
        {(session: AdminSession) => <SessionRow session={session} />}
      </PagedList>
    </>
  )
}
