import type { Notification } from '@atrium/client'
import { ActionIcon, VisuallyHidden } from '@mantine/core'
import {
  IconArrowBackUp,
  IconAt,
  IconBell,
  IconFlag,
  IconMail,
  IconMailOpened,
  IconMoodSmile,
  IconTrash,
  IconUserCheck,
  IconUserPlus,
  IconUsersPlus,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Dates } from '../../app/dates.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './notifications.module.css'

const signs = {
  message_mention: IconAt,
  message_reply: IconArrowBackUp,
  message_reaction: IconMoodSmile,
  conversation_invite: IconUsersPlus,
  friend_request: IconUserPlus,
  friend_accepted: IconUserCheck,
  report_resolved: IconFlag,
}

interface NotificationRowProps {
  notification: Notification
  dates: Dates
  now: Date
  onOpen: () => void
  onRead: (read: boolean) => void
  onRemove: () => void
}

export function NotificationRow({ notification, dates, now, onOpen, onRead, onRemove }: NotificationRowProps) {
  const { t } = useTranslation()
  const { title, body, actor, read_at, created_at, type } = notification
  const Sign = signs[type as keyof typeof signs] ?? IconBell
  const at = new Date(created_at)
  const isUnread = read_at === null
  const Mark = isUnread ? IconMailOpened : IconMail
  return (
    <li className={classes.row} data-unread={isUnread || undefined} data-testid="notification">
      <button type="button" className={classes.open} onClick={onOpen}>
        <span className={classes.face}>
          {actor ? (
            <>
              <PersonAvatar person={actor} size={42} />
              <span className={classes.sign}>
                <Sign size={13} stroke={2.2} aria-hidden />
              </span>
            </>
          ) : (
            <span className={classes.bare}>
              <Sign size={22} stroke={1.6} aria-hidden />
            </span>
          )}
        </span>
        <span className={classes.about}>
          {isUnread && <VisuallyHidden>{t('notices.isUnread')} </VisuallyHidden>}
          <span className={classes.title}>{title}</span>
          {body && <span className={classes.body}>{body}</span>}
          <time className={classes.time} dateTime={created_at} title={dates.full(at)}>
            {dates.ago(at, now)}
          </time>
        </span>
      </button>
      <span className={classes.tools}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          radius="xl"
          aria-label={t(isUnread ? 'notices.markRead' : 'notices.markUnread', { title })}
          onClick={() => onRead(isUnread)}
        >
          <Mark size={18} stroke={1.75} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          radius="xl"
          aria-label={t('notices.remove', { title })}
          onClick={onRemove}
        >
          <IconTrash size={18} stroke={1.75} aria-hidden />
        </ActionIcon>
      </span>
    </li>
  )
}
