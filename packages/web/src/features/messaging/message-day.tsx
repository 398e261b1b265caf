import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Dates } from '../../app/dates.ts'
import { MessageRow } from './message/message-row.tsx'
import type { DayOfMessages, MessageGroup } from './message-groups.ts'
import classes from './message-list.module.css'

interface MessageDayProps {
  day: DayOfMessages
  dates: Dates
  now: Date
  /** The message above which the line "New messages" stands. */
  dividerKey: string | undefined
  /** The message that the tab key reaches. */
  tabStop: string | undefined
  /** Where several people write, it is said who. */
  withNames: boolean
  isInThread?: boolean
}

export function MessageDay({ day, dates, now, dividerKey, ...rest }: MessageDayProps) {
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
        <Group key={group.key} group={group} dates={dates} isDivided={group.key === dividerKey} {...rest} />
      ))}
    </section>
  )
}

interface GroupProps extends Pick<MessageDayProps, 'dates' | 'tabStop' | 'withNames' | 'isInThread'> {
  group: MessageGroup
  isDivided: boolean
}

function Group({ group, dates, isDivided, tabStop, withNames, isInThread = false }: GroupProps) {
  const { t } = useTranslation()
  const name = group.isOwn ? t('app.you') : group.senderName
  return (
    <>
      {isDivided && (
        <p className={classes.divider} data-testid="unread-divider">
          <span>{t('chat.newMessages')}</span>
        </p>
      )}
      <div className={classes.group} data-own={group.isOwn || undefined}>
        {withNames && !group.isOwn ? (
          <span className={classes.sender}>{name}</span>
        ) : (
          <VisuallyHidden>{name}</VisuallyHidden>
        )}
        <ul className={classes.bubbles}>
          {group.messages.map((message, index) => (
            <MessageRow
              key={message.key}
              message={message}
              time={dates.time(new Date(message.at))}
              fullTime={dates.full(new Date(message.at))}
              isLast={index === group.messages.length - 1}
              isTabStop={message.key === tabStop}
              isInThread={isInThread}
            />
          ))}
        </ul>
      </div>
    </>
  )
}
