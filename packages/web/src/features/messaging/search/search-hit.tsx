import type { MessageHit } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../../app/session.ts'
import { useDates, useNow } from '../../../app/use-dates.ts'
import { personName } from '../../people/person.ts'
import { PersonAvatar } from '../../people/person-avatar.tsx'
import { findConversation } from '../conversation-cache.ts'
import { conversationName } from '../conversation-name.ts'
import { readConversations } from '../queries.ts'
import { excerpt } from './excerpt.ts'
import classes from './search-dialog.module.css'

interface SearchHitProps {
  id: string
  index: number
  hit: MessageHit
  isActive: boolean
  onChoose: () => void
}

export function SearchHit({ id, index, hit: { message, marks }, isActive, onChoose }: SearchHitProps) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const conversation = findConversation(readConversations(useQueryClient()), message.conversation_id)
  const at = new Date(message.created_at)
  const where = conversation && conversationName(conversation, me.id, t)
  const who = message.sender.id === me.id ? t('app.you') : personName(message.sender)
  return (
    // The keyboard stays in the search field, which says which one is active.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      className={classes.hit}
      data-hit={index}
      onClick={onChoose}
    >
      <PersonAvatar person={message.sender} size={36} />
      <div className={classes.about}>
        <span className={classes.line}>
          <strong>{who}</strong>
          {where && where !== who && <span className={classes.where}>{where}</span>}
          <time dateTime={message.created_at}>{dates.short(at, now)}</time>
        </span>
        <span className={classes.words}>
          {excerpt(message.text, marks).map(({ text, isMarked, at: place }) =>
            isMarked ? <mark key={place}>{text}</mark> : <span key={place}>{text}</span>,
          )}
        </span>
      </div>
    </div>
  )
}
