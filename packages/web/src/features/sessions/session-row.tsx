import type { Session } from '@atrium/client'
import { Button } from '@mantine/core'
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { deviceOf } from './device.ts'
import { deviceNameOf } from './device-name.ts'
import classes from './session-list.module.css'
import { sessionsQuery } from './sessions-query.ts'

export function SessionRow({ session }: { session: Session }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const device = session.device_name || deviceNameOf(session.user_agent, t)
  const end = useMutation({
    mutationFn: () => confirm(() => client.sessions.revoke(session.id).then(() => true)),
    onSuccess: (isEnded) => isEnded && announce(t('sessions.ended', { device })),
    onSettled: () => cache.invalidateQueries(sessionsQuery),
  })
  const Icon = deviceOf(session.user_agent).isHandheld ? IconDeviceMobile : IconDeviceDesktop
  const seen = new Date(session.last_seen_at)
  const isActive = session.current || now.getTime() - seen.getTime() < 60_000
  const place = session.ip ? ` ${t('sessions.place', { ip: session.ip })}` : ''

  return (
    <li className={classes.row} data-testid="session" data-current={session.current || undefined}>
      <span className={classes.icon}>
        <Icon size={22} stroke={1.6} aria-hidden />
      </span>
      <div className={classes.about}>
        <p className={classes.device}>
          {device}
          {session.current && <span className={classes.badge}>{t('sessions.current')}</span>}
        </p>
        <p className={classes.detail} title={dates.full(seen)}>
          {isActive ? t('sessions.activeNow') : t('sessions.lastSeen', { time: dates.ago(seen, now) })}
          {place}
        </p>
        <p className={classes.detail}>{t('sessions.since', { date: dates.date(new Date(session.created_at)) })}</p>
        {end.error && (
          <p className={classes.error} role="alert">
            {explainError(end.error, t)}
          </p>
        )}
      </div>
      {!session.current && (
        <Button
          variant="default"
          size="sm"
          loading={end.isPending}
          aria-label={t('sessions.endLabel', { device })}
          onClick={() => end.mutate()}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
