import type { Message } from '@atrium/client'
import { Menu } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import {
  IconArrowBackUp,
  IconBookmark,
  IconBookmarkOff,
  IconCopy,
  IconEye,
  IconEyeOff,
  IconFlag,
  IconMessages,
  IconMoodPlus,
  IconPencil,
  IconPin,
  IconPinnedOff,
  IconTrash,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { canWrite } from '../../groups/member-rights.ts'
import { canPin, useChat } from '../chat-actions.ts'
import { bookmarksQuery } from '../queries.ts'
import classes from './message-tools.module.css'
import { recentEmoji } from './pending-reactions.ts'

interface MessageMenuProps {
  message: Message
  isInThread: boolean
  isOpen: boolean
  onOpen: () => void
  onClose: () => void
  onMoreEmoji: () => void
  children: ReactNode
}

const outside = ['mousedown', 'touchstart']

export function MessageMenu({ isOpen, onOpen, onClose, children, ...content }: MessageMenuProps) {
  return (
    <Menu
      opened={isOpen}
      onChange={(next) => (next ? onOpen() : onClose())}
      position="bottom-end"
      width={240}
      radius="lg"
      shadow="md"
      withinPortal
      // Not keydown: the very key that opens it would close it again.
      clickOutsideEvents={outside}
      // The row takes the focus back itself, also when its tools are gone by then.
      returnFocus={false}
      trapFocus
    >
      <Menu.Target>{children}</Menu.Target>
      {isOpen && <Items {...content} onClose={onClose} />}
    </Menu>
  )
}

type ItemsProps = Pick<MessageMenuProps, 'message' | 'isInThread' | 'onMoreEmoji' | 'onClose'>

function Items({ message, isInThread, onMoreEmoji }: ItemsProps) {
  const { t } = useTranslation()
  const chat = useChat()
  const { data: bookmarks } = useQuery(bookmarksQuery)
  const isKept = bookmarks?.some(({ id }) => id === message.id) ?? false
  const isOwn = message.sender.id === chat.myId
  const mayWrite = canWrite(chat.conversation)
  const isGroup = chat.conversation.kind !== 'direct'
  return (
    <Menu.Dropdown p="xs" aria-label={t('chat.actions')}>
      <div className={classes.menuEmoji}>
        {recentEmoji()
          .slice(0, 5)
          .map((emoji) => (
            <Menu.Item
              key={emoji}
              className={classes.menuQuick ?? ''}
              aria-label={t('chat.reactWith', { emoji })}
              onClick={() => chat.react(message, emoji)}
            >
              <span aria-hidden="true">{emoji}</span>
            </Menu.Item>
          ))}
        <Menu.Item
          className={classes.menuQuick ?? ''}
          aria-label={t('chat.moreEmoji')}
          closeMenuOnClick={false}
          onClick={onMoreEmoji}
        >
          <IconMoodPlus size={20} stroke={1.75} aria-hidden />
        </Menu.Item>
      </div>
      <Menu.Divider />
      {mayWrite && <Entry icon={IconArrowBackUp} label={t('chat.reply')} onClick={() => chat.reply(message)} />}
      {!isInThread && (
        <Entry icon={IconMessages} label={t('chat.openThread')} onClick={() => chat.openThread(message)} />
      )}
      {isOwn && mayWrite && <Entry icon={IconPencil} label={t('chat.edit')} onClick={() => chat.edit(message)} />}
      <Entry icon={IconCopy} label={t('chat.copy')} onClick={() => chat.copy(message)} />
      {canPin(chat.conversation) && (
        <Entry
          icon={message.pinned ? IconPinnedOff : IconPin}
          label={message.pinned ? t('chat.unpin') : t('chat.pin')}
          onClick={() => chat.pin(message, !message.pinned)}
        />
      )}
      <Entry
        icon={isKept ? IconBookmarkOff : IconBookmark}
        label={isKept ? t('chat.unbookmark') : t('chat.bookmark')}
        onClick={() => chat.bookmark(message, !isKept)}
      />
      {isOwn
        ? isGroup && <Entry icon={IconEye} label={t('chat.seenBy')} onClick={() => chat.showReaders(message)} />
        : !isInThread && (
            <Entry icon={IconEyeOff} label={t('chat.markUnread')} onClick={() => chat.markUnread(message)} />
          )}
      <Menu.Divider />
      {message.sender.id !== chat.myId && message.deleted_at === null && (
        <Entry icon={IconFlag} label={t('conversations.report')} onClick={() => chat.report(message)} />
      )}
      <Entry icon={IconTrash} label={t('chat.delete')} isDanger onClick={() => chat.askToDelete(message)} />
    </Menu.Dropdown>
  )
}

interface EntryProps {
  icon: typeof IconCopy
  label: string
  isDanger?: boolean
  onClick: () => void
}

const Entry = ({ icon: Icon, label, isDanger, onClick }: EntryProps) => (
  <Menu.Item
    leftSection={<Icon size={18} stroke={1.75} aria-hidden />}
    onClick={onClick}
    {...(isDanger ? { c: 'var(--danger-text)' } : {})}
  >
    {label}
  </Menu.Item>
)
