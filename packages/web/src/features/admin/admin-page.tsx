import { Group, Text, Title } from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import classes from './admin.module.css'
import { adminPages, may } from './rights.ts'

export function AdminPage() {
  const { t } = useTranslation()
  const me = useUser()
  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('admin.title')}
      </Title>
      <Text c="dimmed">{t('admin.text')}</Text>
      <Group component="nav" className={classes.sections ?? ''} aria-label={t('admin.sections')}>
        {adminPages
          .filter(({ permission }) => may(me, permission))
          .map(({ to, label }) => (
            <Link key={to} to={to} className={classes.section ?? ''} activeOptions={{ exact: false }}>
              {t(`admin.${label}`)}
            </Link>
          ))}
      </Group>
      <Outlet />
    </div>
  )
}
