import {
  IconFiles,
  IconMapPin,
  IconMessageCircle,
  IconShieldCog,
  IconTable,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { firstAdminPage, may } from '../features/admin/rights.ts'
import { NotificationBell } from '../features/notifications/notification-bell.tsx'
import { useHasTables } from '../features/tables/use-has-tables.ts'
import classes from './navigation.module.css'
import { NavigationLink } from './navigation-item.tsx'
import { useUser } from './session.ts'

interface NavigationProps {
  /** Messages, notifications and friend requests that wait for this person. */
  unread: number
  notices: number
  requests: number
}

export function Navigation({ unread, notices, requests }: NavigationProps) {
  const { t } = useTranslation()
  const me = useUser()
  const hasTables = useHasTables(me)
  const isAdmin = firstAdminPage(me) !== undefined
  return (
    <nav className={classes.items} aria-label={t('navigation.label')}>
      <NavigationLink
        to="/messages"
        label={t('navigation.messages')}
        Icon={IconMessageCircle}
        count={unread}
        countLabel={unread > 0 ? t('navigation.unread', { count: unread }) : undefined}
        testId="unread-total"
      />
      <NavigationLink
        to="/people"
        label={t('navigation.people')}
        Icon={IconUsers}
        count={requests}
        countLabel={requests > 0 ? t('navigation.requests', { count: requests }) : undefined}
      />
      <NavigationLink to="/places" label={t('navigation.places')} Icon={IconMapPin} count={0} />
      <NotificationBell unread={notices} />
      {may(me, 'files:create') && (
        <NavigationLink to="/files" label={t('navigation.files')} Icon={IconFiles} count={0} />
      )}
      {hasTables && <NavigationLink to="/data" label={t('navigation.data')} Icon={IconTable} count={0} />}
      <NavigationLink to="/account" label={t('navigation.account')} Icon={IconUserCircle} count={0} />
      {isAdmin && <NavigationLink to="/admin" label={t('navigation.admin')} Icon={IconShieldCog} count={0} />}
    </nav>
  )
}
