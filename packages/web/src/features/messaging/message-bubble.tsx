import type { Pending } from '@atrium/client'
import { Anchor } from '@mantine/core'
import { IconCheck, IconClock } from '@tabler/icons-react'
import { Fragment, memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import type { ChatMessage } from './message-groups.ts'
import classes from './message-list.module.css'
import { textParts } from './text-parts.ts'

interface MessageBubbleProps {
  message: ChatMessage
  time: string
  fullTime: string
  /** The last one of its group shows the time. */
  isLast: boolean
}

export const MessageBubble = memo(
  function MessageBubble({ message, time, fullTime, isLast }: MessageBubbleProps) {
    const { t } = useTranslation()
    const { pending, isOwn } = message
    const isFailed = pending?.state === 'failed'
    return (
      <li
        className={classes.row}
        data-seq={message.seq ?? undefined}
        data-message={message.key}
        data-state={isFailed ? 'failed' : pending ? 'sending' : 'sent'}
        title={fullTime}
      >
        <div className={classes.bubble} data-failed={isFailed || undefined}>
          <span data-testid="message-text">
            {message.isRemoved ? <em>{t('chat.removed')}</em> : <MessageText text={message.text} />}
          </span>
          {(isLast || pending) && !isFailed && (
            <span className={classes.meta}>
              {message.isEdited && `${t('chat.edited')} · `}
              <time dateTime={message.at}>{time}</time>
              {isOwn && (pending ? <SendingMark /> : <IconCheck size={14} role="img" aria-label={t('chat.sent')} />)}
            </span>
          )}
        </div>
        {isFailed && pending && <FailedNote pending={pending} />}
      </li>
    )
  },
  (before, after) =>
    before.time === after.time && before.isLast === after.isLast && isSameMessage(before.message, after.message),
)

const isSameMessage = (one: ChatMessage, other: ChatMessage): boolean =>
  one.text === other.text &&
  one.seq === other.seq &&
  one.pending === other.pending &&
  one.isEdited === other.isEdited &&
  one.isRemoved === other.isRemoved

/** Always text nodes: what people write is never read as HTML. */
function MessageText({ text }: { text: string }) {
  const parts = useMemo(() => textParts(text), [text])
  return parts.map((part, index) =>
    part.href ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places.
      <Anchor key={index} href={part.href} target="_blank" rel="noopener noreferrer" inherit underline="always">
        {part.text}
      </Anchor>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above.
      <Fragment key={index}>{part.text}</Fragment>
    ),
  )
}

function SendingMark() {
  const { t } = useTranslation()
  return (
    <span className={classes.sending}>
      <IconClock size={13} role="img" aria-label={t('chat.sending')} />
    </span>
  )
}

function FailedNote({ pending }: { pending: Pending }) {
  const { t } = useTranslation()
  return (
    <p className={classes.failed} role="alert">
      <span>
        {t('chat.failed')} {pending.error?.detail}
      </span>
      <button type="button" onClick={() => client.outbox.retry(pending.clientId)}>
        {t('chat.retry')}
      </button>
      <button type="button" onClick={() => client.outbox.discard(pending.clientId)}>
        {t('chat.discard')}
      </button>
    </p>
  )
}
