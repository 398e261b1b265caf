import { Button, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import admin from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import { deviceNameOf } from '../sessions/device-name.ts'
import classes from './console.module.css'

type SessionPage = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/sessions', object>>>
export type AdminSession = SessionPage extends { data: (infer Item)[] } ? Item : never

export function SessionRow({ session }: { session: AdminSession }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const { user } = session
  const name = personName(user)
  const device = session.device_name || deviceNameOf(session.user_agent, t)
  return (
    <div className={`${admin.row} ${classes.row}`} data-testid="admin-session">
      <Link to="/admin/users/$userId" params={{ userId: user.id }} className={`${admin.name} ${classes.person}`}>
        <PersonAvatar person={user} size={38} />
        <span className={admin.names}>
          <Text component="span" fw={600} display="block">
            {name}
          </Text>
          <span className={admin.quiet}>@{user.username}</span>
        </span>
      </Link>
      <div className={`${admin.quiet} ${admin.middle}`}>
        <span title={session.user_agent}>{device}</span>
        {session.ip && ` · ${session.ip}`}
        <br />
        {t('adminSessions.seen', { time: dates.ago(new Date(session.last_seen_at), now) })},{' '}
        {t('adminSessions.since', { date: dates.date(new Date(session.created_at)) })}
        {session.impersonator_id && ` · ${t('adminSessions.acting')}`}
      </div>
      {session.current ? (
        <span className={`${admin.badge} ${admin.good}`}>{t('adminSessions.current')}</span>
      ) : (
        may(me, 'users:update') && <Endings session={session} name={name} device={device} />
      )}
    </div>
  )
}

function Endings({ session, name, device }: { session: AdminSession; name: string; device: string }) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [isAsking, setAsking] = useState(false)
  const onSettled = () => cache.invalidateQueries({ queryKey: ['admin', 'sessions'] })
  const end = useMutation({
    mutationFn: () =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/admin/sessions/{id}', { params: { path: { id: session.id } } })
        return true
      }),
    onSuccess: (isEnded) => isEnded && announce(t('adminSessions.ended', { name })),
    onSettled,
  })
  const endAll = useMutation({
    mutationFn: () =>
      confirm(async () => {
        const params = { path: { id: session.user.id } }
        await client.api.POST('/api/v1/admin/users/{id}/revoke-sessions', { params })
        return true
      }),
    onSuccess: (isEnded) => {
      setAsking(false)
      if (isEnded) announce(t('adminSessions.endedAll', { name }))
    },
    onSettled,
  })
  return (
    <div className={classes.buttons}>
      <Button
        size="compact-sm"
        variant="default"
        loading={end.isPending}
        aria-label={t('adminSessions.endLabel', { name, device })}
        onClick={() => end.mutate()}
      >
        {t('adminSessions.end')}
      </Button>
      {session.user.id !== me.id && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={t('adminSessions.endAllLabel', { name })}
          onClick={() => setAsking(true)}
        >
          {t('adminSessions.endAll')}
        </Button>
      )}
      {end.error && (
        <span className={classes.error} role="alert">
          {explainError(end.error, t)}
        </span>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t('adminSessions.endAllTitle', { name })}
          text={t('adminSessions.endAllText')}
          action={t('adminSessions.endAllAction')}
          change={{
            start: () => endAll.mutate(),
            isPending: endAll.isPending,
            failure: endAll.error ? explainError(endAll.error, t) : undefined,
            forget: () => endAll.reset(),
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}
