import type { SecurityLogEntry } from '@atrium/client'
import {
  type Icon,
  IconAlertTriangle,
  IconKey,
  IconListDetails,
  IconLogin2,
  IconShieldLock,
  IconUserCircle,
} from '@tabler/icons-react'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Item } from '../../app/item-list.tsx'
import { useDates, useNow } from '../../app/use-dates.ts'
import { account } from '../../words/account/en.ts'
import { deviceNameOf } from '../sessions/device-name.ts'

const icons: Record<string, Icon> = {
  authentication: IconLogin2,
  session: IconLogin2,
  credentials: IconShieldLock,
  account: IconUserCircle,
  authorization: IconKey,
}

const isKnown = (type: string): type is keyof typeof account.activity.event =>
  Object.hasOwn(account.activity.event, type)

/** What happened, in words; an event this version has no words for shows its name. */
function sentence({ event_type, detail }: SecurityLogEntry, t: TFunction): string {
  const event = isKnown(event_type) ? t(`activity.event.${event_type}`) : event_type
  return typeof detail.name === 'string' ? t('activity.named', { event, name: detail.name }) : event
}

function place({ ip, user_agent, actor }: SecurityLogEntry, t: TFunction): string | undefined {
  if (actor.kind === 'administrator') return t('activity.byAdministrator')
  if (actor.kind === 'system') return t('activity.bySystem')
  if (!ip) return undefined
  return t('activity.from', { device: deviceNameOf(user_agent ?? '', t), ip })
}

export function ActivityRow({ event }: { event: SecurityLogEntry }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const at = new Date(event.at)
  const { success, outcome, category } = event
  return (
    <Item
      testId="activity"
      icon={success ? (icons[category] ?? IconListDetails) : IconAlertTriangle}
      title={sentence(event, t)}
      badge={
        success
          ? undefined
          : { text: outcome === 'denied' ? t('activity.denied') : t('activity.failure'), isWarning: true }
      }
      details={[`${dates.day(at, now)}, ${dates.time(at)}`, place(event, t)]}
    />
  )
}
