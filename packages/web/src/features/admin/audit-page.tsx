import { Anchor, Group, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import classes from './admin.module.css'
import { type AuditEvent, AuditRow } from './audit-row.tsx'
import { auditTypes } from './audit-types.ts'
import { PagedList } from './paged-list.tsx'
import { may } from './rights.ts'

const isType = (text: string): text is (typeof auditTypes)[number] => auditTypes.some((type) => type === text)
const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

export function AuditPage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('admin.audit'))
  const [type, setType] = useState('')
  const [user, setUser] = useState('')
  const [ip, setIp] = useState('')
  const [outcome, setOutcome] = useState('')
  const [typed] = useDebouncedValue({ user: user.trim(), ip: ip.trim() }, 300)
  const filter = {
    ...(isType(type) ? { event_type: type } : {}),
    ...(isId(typed.user) ? { user_id: typed.user } : {}),
    ...(typed.ip ? { ip: typed.ip } : {}),
    ...(outcome ? { success: outcome === 'success' } : {}),
  }
  return (
    <>
      <div className={classes.filters}>
        <NativeSelect
          size="md"
          label={t('audit.type')}
          value={type}
          onChange={(event) => setType(event.currentTarget.value)}
          data={[{ value: '', label: t('audit.anyType') }, ...auditTypes]}
        />
        <NativeSelect
          size="md"
          label={t('audit.outcome')}
          value={outcome}
          onChange={(event) => setOutcome(event.currentTarget.value)}
          data={[
            { value: '', label: t('audit.anyOutcome') },
            { value: 'success', label: t('audit.success') },
            { value: 'failure', label: t('audit.failure') },
          ]}
        />
        <TextInput label={t('audit.user')} value={user} onChange={(event) => setUser(event.currentTarget.value)} />
        <TextInput label={t('audit.ip')} value={ip} onChange={(event) => setIp(event.currentTarget.value)} />
      </div>
      {may(me, 'audit:export') && (
        <Group gap="md" mb="md">
          <Anchor href="/api/v1/admin/audit/export?format=csv" download>
            {t('audit.export')}: {t('audit.exportCsv')}
          </Anchor>
          <Anchor href="/api/v1/admin/audit/export?format=ndjson" download>
            {t('audit.exportNdjson')}
          </Anchor>
        </Group>
      )}
      <PagedList
        queryKey={['admin', 'audit', filter]}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/audit', { params: { query: { ...filter, ...(cursor ? { cursor } : {}) } } })
        }
        label={t('admin.audit')}
        empty={t('audit.none')}
      >
        {(event: AuditEvent) => <AuditRow event={event} />}
      </PagedList>
    </>
  )
}
