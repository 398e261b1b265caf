import type { Conversation, ConversationChange } from '@atrium/client'
import { ActionIcon, Menu } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import {
  IconArchive,
  IconArchiveOff,
  IconBell,
  IconBellOff,
  IconDots,
  IconLogout,
  IconMail,
  IconMailOpened,
  IconPin,
  IconPinnedOff,
  IconTrash,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { useConversationChanges } from '../groups/use-conversation-changes.ts'
import { isMuted } from './conversation-cache.ts'
import classes from './conversation-list.module.css'

const hour = 3_600_000
const forGood = '9999-12-31T00:00:00.000Z'

interface ConversationMenuProps {
  conversation: Conversation
  name: string
}

/** What one does with a conversation without opening it. */
export function ConversationMenu({ conversation, name }: ConversationMenuProps) {
  const { t } = useTranslation()
  const [isAsking, setAsking] = useState(false)
  const changes = useConversationChanges(conversation)
  const { pinned, archived, unread_count, last_message, kind } = conversation
  const muted = isMuted(conversation)
  const isDirect = kind === 'direct'
  const onError = (error: unknown) => announce(explainError(error, t))
  const change = (body: ConversationChange) => changes.mutate({ kind: 'change', change: body }, { onError })
  const muteFor = (hours: number) => change({ muted_until: new Date(Date.now() + hours * hour).toISOString() })
  const icon = { size: 18, stroke: 1.75, 'aria-hidden': true } as const

  return (
    <>
      <Menu position="bottom-end" width={230} radius="lg" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={34}
            radius="xl"
            className={classes.more ?? ''}
            aria-label={t('conversations.menu', { name })}
          >
            <IconDots size={18} stroke={1.75} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown p="xs">
          {!archived && (
            <Menu.Item
              leftSection={pinned ? <IconPinnedOff {...icon} /> : <IconPin {...icon} />}
              onClick={() => change({ pinned: !pinned })}
            >
              {t(pinned ? 'conversations.unpin' : 'conversations.pin')}
            </Menu.Item>
          )}
          {last_message && (
            <Menu.Item
              leftSection={unread_count > 0 ? <IconMailOpened {...icon} /> : <IconMail {...icon} />}
              onClick={() => changes.mutate({ kind: unread_count > 0 ? 'read' : 'unread' }, { onError })}
            >
              {t(unread_count > 0 ? 'conversations.markRead' : 'conversations.markUnread')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={archived ? <IconArchiveOff {...icon} /> : <IconArchive {...icon} />}
            onClick={() => change({ archived: !archived })}
          >
            {t(archived ? 'conversations.unarchive' : 'conversations.archive')}
          </Menu.Item>
          <Menu.Divider />
          {muted ? (
            <Menu.Item leftSection={<IconBell {...icon} />} onClick={() => change({ muted_until: null })}>
              {t('conversations.unmute')}
            </Menu.Item>
          ) : (
            <>
              <Menu.Label>{t('conversations.mute')}</Menu.Label>
              <Menu.Item leftSection={<IconBellOff {...icon} />} onClick={() => muteFor(1)}>
                {t('conversations.muteHour')}
              </Menu.Item>
              <Menu.Item leftSection={<IconBellOff {...icon} />} onClick={() => muteFor(8)}>
                {t('conversations.muteHours')}
              </Menu.Item>
              <Menu.Item leftSection={<IconBellOff {...icon} />} onClick={() => change({ muted_until: forGood })}>
                {t('conversations.muteAlways')}
              </Menu.Item>
            </>
          )}
          <Menu.Divider />
          <Menu.Item
            c="var(--danger-text)"
            leftSection={isDirect ? <IconTrash {...icon} /> : <IconLogout {...icon} />}
            onClick={() => setAsking(true)}
          >
            {t(isDirect ? 'conversations.empty' : 'conversations.leave')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isAsking && (
        <ConfirmDialog
          title={isDirect ? t('conversations.emptyTitle2') : t('conversations.leaveTitle', { name })}
          text={isDirect ? t('conversations.emptyText2', { name }) : t('conversations.leaveText')}
          action={t(isDirect ? 'conversations.empty' : 'conversations.leave')}
          change={{
            start: () => changes.mutate({ kind: 'leave' }, { onSuccess: () => setAsking(false) }),
            isPending: changes.isPending,
            failure: changes.error ? explainError(changes.error, t) : undefined,
            forget: changes.reset,
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
