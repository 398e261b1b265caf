import { Button, Text, Title } from '@mantine/core'
import { IconLogout } from '@tabler/icons-react'
import { Outlet } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { piece } from '../../app/piece.ts'
import { SectionTabs } from '../../app/section-tabs.tsx'
import { useSession, useUser } from '../../app/session.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import { StatusButton } from '../presence/status-button.tsx'
import classes from './account-page.module.css'
import { useSignOut } from './use-sign-out.ts'

const StatusDialog = piece('people', async () => (await import('../presence/status-dialog.tsx')).StatusDialog)

export function AccountPage() {
  const { t } = useTranslation()
  const me = useUser()
  const { impersonatedBy } = useSession()
  const { signOut, isPending, failure } = useSignOut()
  const [isChoosing, setChoosing] = useState(false)
  // A guest has nothing to sign in with, and who acts as somebody else stays out of it.
  const isOwn = me.kind === 'person' && !impersonatedBy
  const sections = [
    { to: '/account/profile', label: t('account.profile') },
    ...(isOwn
      ? ([
          { to: '/account/security', label: t('account.security') },
          { to: '/account/devices', label: t('account.devices') },
          { to: '/account/api-keys', label: t('account.apiKeys') },
          { to: '/account/activity', label: t('account.activity') },
          { to: '/account/privacy', label: t('account.privacy') },
          { to: '/account/notifications', label: t('account.notifications') },
        ] as const)
      : []),
    { to: '/account/appearance', label: t('account.appearance') },
  ] as const
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <PersonAvatar person={me} size={60} />
        <div className={classes.names}>
          <Title order={1} lineClamp={2} className={classes.name ?? ''} tabIndex={-1} data-page-heading>
            {personName(me)}
          </Title>
          <Text c="dimmed" truncate>
            @{me.username}
          </Text>
          <StatusButton onOpen={() => setChoosing(true)} />
        </div>
        <Button
          variant="default"
          size="sm"
          loading={isPending}
          leftSection={<IconLogout size={18} stroke={1.75} aria-hidden />}
          onClick={signOut}
        >
          {t('navigation.signOut')}
        </Button>
      </header>
      {isChoosing && (
        <Suspense>
          <StatusDialog onClose={() => setChoosing(false)} />
        </Suspense>
      )}
      {failure && (
        <Text c="var(--danger-text)" role="alert">
          {failure}
        </Text>
      )}
      <SectionTabs label={t('account.sections')} sections={sections} />
      <Outlet />
    </div>
  )
}
