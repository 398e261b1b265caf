import { Anchor, Skeleton, Stack, Text, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import cards from '../accounts/account-page.module.css'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './admin.module.css'
import { type AuditEvent, AuditRow } from './audit-row.tsx'
import { PagedList } from './paged-list.tsx'
import { type AdminUser, userQuery } from './queries.ts'
import { may } from './rights.ts'
import { UserActions } from './user-actions.tsx'
import { UserRoles } from './user-roles.tsx'
import { UserState } from './user-state.tsx'

export function UserPage() {
  const { t } = useTranslation()
  const me = useUser()
  const { userId = '' } = useParams({ strict: false })
  const query = useQuery(userQuery(userId))
  usePageTitle(query.data ? personName(query.data) : t('admin.users'))
  if (query.isPending) {
    return (
      <Stack role="status" aria-label={t('app.loading')}>
        <Skeleton h={60} />
        <Skeleton h={180} radius="lg" />
      </Stack>
    )
  }
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const user = query.data
  const isMine = user.id === me.id
  return (
    <>
      <Anchor component={Link} to="/admin/users" size="sm">
        ← {t('users.back')}
      </Anchor>
      <div className={classes.name} style={{ marginTop: '1rem' }}>
        <PersonAvatar person={user} size={56} />
        <div className={classes.names}>
          <Title order={2} tabIndex={-1} data-page-heading>
            {personName(user)}
          </Title>
          <Text c="dimmed" component="span">
            @{user.username}{' '}
          </Text>
          <UserState user={user} />
        </div>
      </div>
      <UserFacts user={user} />
      {may(me, 'users:update') && may(me, 'roles:read') && <UserRoles key={user.version} user={user} />}
      {!isMine && <UserActions user={user} />}
      <Link to="/admin/sessions/$userId" params={{ userId: user.id }} className={classes.link ?? ''}>
        {t('person.sessions')}
      </Link>
      {may(me, 'storage:read') && (
        <Link to="/admin/files/$userId" params={{ userId: user.id }} className={classes.link ?? ''}>
          {t('person.files')}
        </Link>
      )}
      {may(me, 'audit:read') && (
        <AccountCard title={t('person.activity')}>
          <PagedList
            queryKey={['admin', 'audit', { user_id: user.id }]}
            load={(cursor) =>
              client.api.GET('/api/v1/admin/audit', {
                params: { query: { user_id: user.id, limit: 10, ...(cursor ? { cursor } : {}) } },
              })
            }
            label={t('person.activity')}
            empty={t('person.noActivity')}
          >
            {(event: AuditEvent) => <AuditRow event={event} />}
          </PagedList>
        </AccountCard>
      )}
    </>
  )
}

function UserFacts({ user }: { user: AdminUser }) {
  const { t } = useTranslation()
  const dates = useDates()
  const kinds = ['person', 'guest', 'service'] as const
  const kind = kinds.find((name) => name === user.kind) ?? 'person'
  const email = user.email
    ? `${user.email} (${user.email_verified ? t('person.verified') : t('person.unverified')})`
    : t('person.noEmail')
  const facts: [string, string][] = [
    [t('person.email'), email],
    [t('person.kind'), t(`person.kinds.${kind}`)],
    [t('person.created'), dates.date(new Date(user.created_at))],
    [t('person.seen'), user.last_login_at ? dates.full(new Date(user.last_login_at)) : t('users.never')],
    [t('person.mfa'), user.mfa_enabled ? t('person.mfaOn') : t('person.mfaOff')],
    [t('person.password'), user.has_password ? t('person.passwordSet') : t('person.passwordNone')],
    [t('person.id'), user.id],
  ]
  return (
    <AccountCard title={t('person.about')}>
      {user.locked_until && (
        <Text c="var(--danger-text)" mb="sm">
          {t('person.locked', { time: dates.full(new Date(user.locked_until)) })}
        </Text>
      )}
      <dl className={cards.fixed}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </AccountCard>
  )
}
