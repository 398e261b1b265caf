import { ActionIcon, Menu } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { IconCompass, IconHash, IconMessageCircle, IconPencilPlus, IconUsersPlus } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import classes from './conversation-list.module.css'

/** The ways to begin a conversation. */
export function StartMenu() {
  const { t } = useTranslation()
  const me = useUser()
  const navigate = useNavigate()
  const icon = { size: 18, stroke: 1.75, 'aria-hidden': true } as const
  return (
    <Menu position="bottom-end" width={220} radius="lg" shadow="md" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="light"
          size={40}
          radius="xl"
          className={classes.start ?? ''}
          aria-label={t('conversations.start')}
        >
          <IconPencilPlus size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown p="xs">
        <Menu.Item leftSection={<IconMessageCircle {...icon} />} onClick={() => void navigate({ to: '/people' })}>
          {t('conversations.toPerson')}
        </Menu.Item>
        {may(me, 'conversations:create') && (
          <>
            <Menu.Item
              leftSection={<IconUsersPlus {...icon} />}
              onClick={() => void navigate({ to: '/new', search: { kind: 'group' } })}
            >
              {t('conversations.newGroup')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconHash {...icon} />}
              onClick={() => void navigate({ to: '/new', search: { kind: 'channel' } })}
            >
              {t('conversations.newChannel')}
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<IconCompass {...icon} />} onClick={() => void navigate({ to: '/channels' })}>
          {t('conversations.browse')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
