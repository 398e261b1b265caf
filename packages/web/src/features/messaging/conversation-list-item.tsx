import type { Conversation } from '@atrium/client'
import { VisuallyHidden } from '@mantine/core'
import { IconAt, IconBellOff, IconPin } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Dates } from '../../app/dates.ts'
import { ConversationFace } from '../groups/conversation-face.tsx'
import { personName } from '../people/person.ts'
import { isMuted } from './conversation-cache.ts'
import classes from './conversation-list.module.css'
import { ConversationMenu } from './conversation-menu.tsx'
import { conversationName } from './conversation-name.ts'
import { useDraft } from './drafts.ts'
import { fileNames } from './message/message-quote.tsx'

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
  const name = conversationName(conversation, myId, t)
  const muted = isMuted(conversation, now.getTime())
  const mentions = conversation.mention_count
  const isYesterday = dates.daysBetween(at, now) === 1
  return (
    <li className={classes.place}>
      <Link
        to="/messages/$conversationId"
        params={{ conversationId: conversation.id }}
        className={classes.item ?? ''}
        aria-current={isOpen ? 'page' : undefined}
        data-unread={unread || undefined}
        data-muted={muted || undefined}
      >
        <ConversationFace conversation={conversation} size={46} />
        <span className={classes.name}>
          {name}
          {conversation.pinned && <Sign Icon={IconPin} label={t('conversations.pinned')} />}
          {muted && <Sign Icon={IconBellOff} label={t('conversations.muted')} />}
        </span>
        <time className={classes.time} dateTime={at.toISOString()}>
          {isYesterday ? t('conversations.yesterday') : dates.short(at, now)}
        </time>
        <Preview conversation={conversation} myId={myId} isOpen={isOpen} />
        {unread > 0 && (
          <span className={classes.badges}>
            {mentions > 0 && (
              <span className={classes.mention}>
                <IconAt size={15} stroke={2.2} aria-hidden />
                <VisuallyHidden>{t('conversations.mentions', { count: mentions })}</VisuallyHidden>
              </span>
            )}
            <span className={classes.badge}>
              <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
              <VisuallyHidden>{t('navigation.unread', { count: unread })}</VisuallyHidden>
            </span>
          </span>
        )}
      </Link>
      <ConversationMenu conversation={conversation} name={name} />
    </li>
  )
})

function Sign({ Icon, label }: { Icon: typeof IconPin; label: string }) {
  return (
    <span className={classes.sign}>
      <Icon size={14} stroke={1.9} aria-hidden />
      <VisuallyHidden>{label}</VisuallyHidden>
    </span>
  )
}

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
  const text = last.deleted_at ? t('chat.removed') : last.text || fileNames(last.attachments)
  const isOwn = last.sender.id === myId
  const name = personName(last.sender)
  const line = isOwn
    ? t('conversations.own', { text })
    : conversation.kind === 'direct'
      ? text
      : t('conversations.by', { name, text })
  return <span className={classes.preview}>{line}</span>
}
