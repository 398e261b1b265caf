import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Dates } from '../../app/dates.ts'
import { MessageBubble } from './message-bubble.tsx'
import type { DayOfMessages, MessageGroup } from './message-groups.ts'
import classes from './message-list.module.css'

interface MessageDayProps {
  day: DayOfMessages
  dates: Dates
  now: Date
  /** The message above which the line "New messages" stands. */
  dividerKey: string | undefined
}

export function MessageDay({ day, dates, now, dividerKey }: MessageDayProps) {
  const { t } = useTranslation()
  const at = new Date(day.at)
  const passed = dates.daysBetween(at, now)
  const label = passed === 0 ? t('chat.today') : passed === 1 ? t('chat.yesterday') : dates.day(at, now)
  return (
    <section aria-label={label} className={classes.day}>
      <h3 className={classes.dayLabel}>
        <span>{label}</span>
      </h3>
      {day.groups.map((group) => (
        <Group key={group.key} group={group} dates={dates} isDivided={group.key === dividerKey} />
      ))}
    </section>
  )
}

function Group({ group, dates, isDivided }: { group: MessageGroup; dates: Dates; isDivided: boolean }) {
  const { t } = useTranslation()
  return (
    <>
      {isDivided && (
        <p className={classes.divider} data-testid="unread-divider">
          <span>{t('chat.newMessages')}</span>
        </p>
      )}
      <div className={classes.group} data-own={group.isOwn || undefined}>
        <VisuallyHidden>{group.isOwn ? t('app.you') : group.senderName}</VisuallyHidden>
        <ul className={classes.bubbles}>
          {group.messages.map((message, index) => (
            <MessageBubble
              key={message.key}
              message={message}
              time={dates.time(new Date(message.at))}
              fullTime={dates.full(new Date(message.at))}
              isLast={index === group.messages.length - 1}
            />
          ))}
        </ul>
      </div>
    </>
  )
}
