import { VisuallyHidden } from '@mantine/core'
import { IconMessageCircle, IconShieldCog, IconUserCircle, IconUsers } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { firstAdminPage } from '../features/admin/rights.ts'
import classes from './navigation.module.css'
import { useUser } from './session.ts'

export function Navigation({ unread }: { unread: number }) {
  const { t } = useTranslation()
  const isAdmin = firstAdminPage(useUser()) !== undefined
  const items = [
    { to: '/messages', label: t('navigation.messages'), Icon: IconMessageCircle, count: unread },
    { to: '/people', label: t('navigation.people'), Icon: IconUsers, count: 0 },
    { to: '/account', label: t('navigation.account'), Icon: IconUserCircle, count: 0 },
    ...(isAdmin ? [{ to: '/admin', label: t('navigation.admin'), Icon: IconShieldCog, count: 0 } as const] : []),
  ] as const
  return (
    <nav className={classes.items} aria-label={t('navigation.label')}>
      {items.map(({ to, label, Icon, count }) => (
        <Link key={to} to={to} className={classes.item ?? ''} activeOptions={{ exact: false }}>
          <span className={classes.icon}>
            <Icon size={24} stroke={1.6} aria-hidden />
            {count > 0 && (
              <span className={classes.badge} data-testid="unread-total">
                <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
              </span>
            )}
          </span>
          <span>{label}</span>
          {count > 0 && <VisuallyHidden>, {t('navigation.unread', { count })}</VisuallyHidden>}
        </Link>
      ))}
    </nav>
  )
}
