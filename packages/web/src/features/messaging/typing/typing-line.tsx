import type { Conversation } from '@atrium/client'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../../app/session.ts'
import { personName } from '../../people/person.ts'
import { useKnownPeople } from '../known-people.ts'
import classes from './typing-line.module.css'
import { useTypists } from './typists.ts'

/** Says who is writing at this moment. Not told to screen readers, which would be interrupted all the time. */
export function TypingLine({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const me = useUser()
  const ids = useTypists(conversation.id)
  const people = useKnownPeople(conversation, me.id)
  const names = ids.map((id) => people.find((each) => each.id === id)).flatMap((each) => (each ? personName(each) : []))
  const [first, second] = names
  const words =
    ids.length === 0
      ? ''
      : ids.length === 1 && first
        ? t('chat.typingOne', { name: first })
        : ids.length === 2 && first && second
          ? t('chat.typingTwo', { first, second })
          : t('chat.typingMany', { count: ids.length })
  return (
    <div className={classes.line} data-testid="typing" data-on={words !== '' || undefined}>
      {words && (
        <>
          <span className={classes.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {words}
        </>
      )}
    </div>
  )
}
