import type { Person } from '@atrium/client'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { personName } from '../../people/person.ts'
import { PersonAvatar } from '../../people/person-avatar.tsx'
import classes from './composer.module.css'

export type Mentionable = Person | 'all'

export const mentionName = (each: Mentionable): string => (each === 'all' ? 'all' : each.username)

interface MentionListProps {
  id: string
  people: readonly Mentionable[]
  active: number
  onChoose: (each: Mentionable) => void
}

/** Who may be meant; the keyboard stays in the text field. */
export function MentionList({ id, people, active, onChoose }: MentionListProps) {
  const { t } = useTranslation()
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div ref={list} id={id} role="listbox" aria-label={t('chat.mentions')} className={classes.mentions}>
      {people.map((each, index) => (
        <div
          key={mentionName(each)}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className={classes.mention}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(each)}
          onKeyDown={undefined}
        >
          {each === 'all' ? (
            <span className={classes.everyone} aria-hidden="true">
              @
            </span>
          ) : (
            <PersonAvatar person={each} size={28} />
          )}
          <span className={classes.mentionName}>{each === 'all' ? t('chat.everyone') : personName(each)}</span>
          <span className={classes.mentionUser}>@{mentionName(each)}</span>
        </div>
      ))}
    </div>
  )
}
