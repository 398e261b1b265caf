import { Text, Title } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { SectionTabs } from '../../app/section-tabs.tsx'
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
      <SectionTabs
        label={t('admin.sections')}
        sections={adminPages
          .filter(({ permission }) => may(me, permission))
          .map(({ to, label }) => ({ to, label: t(`admin.${label}`) }))}
      />
      <Outlet />
    </div>
  )
}
