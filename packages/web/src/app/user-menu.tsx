import { Menu, Text, UnstyledButton } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { IconBook, IconLogout, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSignOut } from '../features/accounts/use-sign-out.ts'
import { personName } from '../features/people/person.ts'
import { PersonAvatar } from '../features/people/person-avatar.tsx'
import { OwnDot } from '../features/presence/own-dot.tsx'
import { useOwnPresence } from '../features/presence/own-presence.ts'
import { StatusWords } from '../features/presence/status-button.tsx'
import { piece } from './piece.ts'
import { SchemeToggle } from './scheme-toggle.tsx'
import { useUser } from './session.ts'
import classes from './user-menu.module.css'

const StatusDialog = piece('people', async () => (await import('../features/presence/status-dialog.tsx')).StatusDialog)

export function UserMenu() {
  const { t } = useTranslation()
  const me = useUser()
  const { signOut, failure } = useSignOut()
  const own = useOwnPresence()
  const [isChoosing, setChoosing] = useState(false)
  return (
    <div className={classes.corner}>
      <SchemeToggle />
      <Menu position="right-end" offset={12} width={250} radius="lg" shadow="md" withinPortal>
        <Menu.Target>
          <UnstyledButton className={classes.button ?? ''} aria-label={t('navigation.menu', { name: personName(me) })}>
            <PersonAvatar person={me} size={40} />
            <span className={classes.dot}>
              <OwnDot />
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown p="xs">
          <div className={classes.who}>
            <Text fw={650} truncate>
              {personName(me)}
            </Text>
            <Text size="sm" c="dimmed" truncate>
              {me.email ?? t('navigation.guest')}
            </Text>
          </div>
          {own && (
            <Menu.Item onClick={() => setChoosing(true)} aria-label={t('presence.set')}>
              <StatusWords />
              <span className={classes.set}>{t('presence.set')}</span>
            </Menu.Item>
          )}
          <Menu.Item
            component={Link}
            to="/account/profile"
            leftSection={<IconUserCircle size={18} stroke={1.75} aria-hidden />}
          >
            {t('navigation.account')}
          </Menu.Item>
          {/* Pages of the server, beside the app: what is being written here stays. */}
          <Menu.Item
            component="a"
            href="/guide"
            target="_blank"
            rel="noopener"
            leftSection={<IconBook size={18} stroke={1.75} aria-hidden />}
          >
            {t('navigation.guide')}
          </Menu.Item>
          <Menu.Item
            closeMenuOnClick={false}
            leftSection={<IconLogout size={18} stroke={1.75} aria-hidden />}
            onClick={signOut}
          >
            {t('navigation.signOut')}
          </Menu.Item>
          {failure && (
            <Text size="sm" c="var(--danger-text)" px="sm" py={4} role="alert">
              {failure}
            </Text>
          )}
        </Menu.Dropdown>
      </Menu>
      {isChoosing && (
        <Suspense>
          <StatusDialog onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </div>
  )
}
