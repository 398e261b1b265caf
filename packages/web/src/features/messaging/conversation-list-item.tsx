import type { Conversation } from '@atrium/client'
import { VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Dates } from '../../app/dates.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './conversation-list.module.css'
import { conversationFace, conversationName } from './conversation-name.ts'
import { useDraft } from './drafts.ts'

interface ConversationListItemProps {
  conversation: Conversation
  isOpen: boolean
  myId: string
  dates: Dates
  now: Date
}

export const ConversationListItem = memo(function ConversationListItem(props: ConversationListItemProps) {
  const { conversation, isOpen, myId, dates, now } = props
  const { t } = useTranslation()
  const { last_message: last, unread_count: unread } = conversation
  const at = new Date(last?.created_at ?? conversation.created_at)
  const isYesterday = dates.daysBetween(at, now) === 1
  return (
    <li>
      <Link
        to="/messages/$conversationId"
        params={{ conversationId: conversation.id }}
        className={classes.item ?? ''}
        aria-current={isOpen ? 'page' : undefined}
        data-unread={unread || undefined}
      >
        <PersonAvatar person={conversationFace(conversation, myId, t)} size={46} />
        <span className={classes.name}>{conversationName(conversation, myId, t)}</span>
        <time className={classes.time} dateTime={at.toISOString()}>
          {isYesterday ? t('conversations.yesterday') : dates.short(at, now)}
        </time>
        <Preview conversation={conversation} myId={myId} isOpen={isOpen} />
        {unread > 0 && (
          <span className={classes.badge}>
            <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
            <VisuallyHidden>{t('navigation.unread', { count: unread })}</VisuallyHidden>
          </span>
        )}
      </Link>
    </li>
  )
})

function Preview({ conversation, myId, isOpen }: Pick<ConversationListItemProps, 'conversation' | 'myId' | 'isOpen'>) {
  const { t } = useTranslation()
  const [draft] = useDraft(myId, conversation.id)
  const last = conversation.last_message
  if (draft.trim() && !isOpen) {
    return (
      <span className={classes.preview}>
        <span className={classes.draft}>{t('conversations.draft')}</span> {draft}
      </span>
    )
  }
  if (!last) return <span className={classes.preview}>{t('conversations.noMessages')}</span>
  const text = last.deleted_at ? t('chat.removed') : last.text
  return <span className={classes.preview}>{last.sender.id === myId ? t('conversations.own', { text }) : text}</span>
}
