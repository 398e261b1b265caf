import { memo } from 'react'
import type { Dates } from '../../app/dates.ts'
import { useChat } from './chat-actions.ts'
import { MessageRow } from './message/message-row.tsx'
import type { DayOfMessages, MessageGroup } from './message-groups.ts'
import classes from './message-list.module.css'

interface MessageDayProps {
  day: DayOfMessages
  dates: Dates
  now: Date
  /** The message above which the line "New messages" stands. */
  dividerKey: string | undefined
  /** The tab key reaches the last message of the last day. */
  isNewest: boolean
  /** Where several people write, it is said who. */
  withNames: boolean
  isInThread?: boolean
}

/** Days and groups that have not changed are not rendered when others come or go: see `keepUnchanged`. */
export const MessageDay = memo(function MessageDay({
  day,
  dates,
  now,
  dividerKey,
  isNewest,
  ...rest
}: MessageDayProps) {
  const { t } = useChat()
  const at = new Date(day.at)
  const passed = dates.daysBetween(at, now)
  const label = passed === 0 ? t('chat.today') : passed === 1 ? t('chat.yesterday') : dates.day(at, now)
  return (
    <section aria-label={label} className={classes.day}>
      <h3 className={classes.dayLabel}>
        <span>{label}</span>
      </h3>
      {day.groups.map((group, index) => (
        <Group
          key={group.key}
          group={group}
          dates={dates}
          isDivided={group.key === dividerKey}
          isNewest={isNewest && index === day.groups.length - 1}
          {...rest}
        />
      ))}
    </section>
  )
})

interface GroupProps extends Pick<MessageDayProps, 'dates' | 'isNewest' | 'withNames' | 'isInThread'> {
  group: MessageGroup
  isDivided: boolean
}

const Group = memo(function Group({ group, dates, isDivided, isNewest, withNames, isInThread = false }: GroupProps) {
  const { t } = useChat()
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
          <span className={classes.unseen}>{name}</span>
        )}
        <ul className={classes.bubbles}>
          {group.messages.map((message, index) => (
            <MessageRow
              key={message.key}
              message={message}
              time={dates.time(new Date(message.at))}
              fullTime={dates.full(new Date(message.at))}
              isLast={index === group.messages.length - 1}
              isTabStop={isNewest && index === group.messages.length - 1}
              isInThread={isInThread}
            />
          ))}
        </ul>
      </div>
    </>
  )
})
