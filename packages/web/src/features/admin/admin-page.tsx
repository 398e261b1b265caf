import { Text, Title } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import classes from './admin.module.css'
import { AdminNavigation } from './admin-navigation.tsx'

export function AdminPage() {
  const { t } = useTranslation()
  return (
    <div className={classes.page}>
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('admin.title')}
      </Title>
      <Text c="dimmed">{t('admin.text')}</Text>
      <div className={classes.columns}>
        <AdminNavigation />
        <div className={classes.content}>
          <Outlet />
        </div>
      </div>
    </div>
  )
}
