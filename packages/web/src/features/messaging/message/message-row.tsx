import type { Pending } from '@atrium/client'
import { IconClock, IconMessages, IconPinFilled } from '@tabler/icons-react'
import { type FocusEvent, type KeyboardEvent, memo, type PointerEvent, useRef, useState } from 'react'
import { client } from '../../../app/client.ts'
import { useUser } from '../../../app/session.ts'
import { MessageAttachments } from '../attachments/message-attachments.tsx'
import { useChat } from '../chat-actions.ts'
import { type ChatMessage, isSameMessage } from '../message-groups.ts'
import { Ticks } from '../receipts/ticks.tsx'
import { MessageQuote } from './message-quote.tsx'
import { MessageReactions } from './message-reactions.tsx'
import classes from './message-row.module.css'
import { MessageText } from './message-text.tsx'
import tools from './message-tools.module.css'
import { MessageTools, type OpenTool } from './message-tools.tsx'
import { moveFocus } from './row-focus.ts'
import { useLongPress } from './use-long-press.ts'

interface MessageRowProps {
  message: ChatMessage
  time: string
  fullTime: string
  /** The last one of its group shows the time. */
  isLast: boolean
  /** The one that the tab key reaches; the arrow keys go on from there. */
  isTabStop: boolean
  /** In the panel of a thread there is no way into the thread. */
  isInThread?: boolean
}

export const MessageRow = memo(
  function MessageRow({ message, time, fullTime, isLast, isTabStop, isInThread = false }: MessageRowProps) {
    const { t } = useChat()
    const [isNear, setNear] = useState(false)
    const [tool, setTool] = useState<OpenTool>(null)
    const row = useRef<HTMLLIElement>(null)
    const { pending, message: known } = message
    const hasTools = known !== null && !message.isRemoved
    const longPress = useLongPress(() => hasTools && setTool('menu'))

    const onKeyDown = (event: KeyboardEvent<HTMLLIElement>) => {
      if (event.target !== event.currentTarget) return
      if (moveFocus(event)) return
      const asksForMenu =
        event.key === 'Enter' || event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')
      if (!hasTools || !asksForMenu) return
      event.preventDefault()
      setTool('menu')
    }
    const onBlur = ({ currentTarget, relatedTarget }: FocusEvent) =>
      !currentTarget.contains(relatedTarget) && setNear(false)
    const onPointerEnter = ({ pointerType }: PointerEvent) => pointerType === 'mouse' && setNear(true)

    return (
      <li
        ref={row}
        className={classes.row}
        tabIndex={isTabStop ? 0 : -1}
        data-seq={message.seq ?? undefined}
        data-message={message.key}
        data-id={known?.id}
        data-state={pending?.state ?? 'sent'}
        onKeyDown={onKeyDown}
        onFocus={() => setNear(true)}
        onBlur={onBlur}
        onPointerEnter={onPointerEnter}
        onPointerLeave={() => setNear(row.current?.contains(document.activeElement) ?? false)}
      >
        <Bubble
          message={message}
          time={time}
          fullTime={fullTime}
          isLast={isLast}
          press={longPress}
          isInThread={isInThread}
        />
        {known && <MessageReactions message={known} />}
        {known && !isInThread && known.reply_count > 0 && <ThreadLink message={known} />}
        {pending?.state === 'failed' && <FailedNote pending={pending} />}
        {hasTools && (isNear || tool) && (
          <MessageTools
            message={known}
            tool={tool}
            isInThread={isInThread}
            setTool={(next) => {
              setTool(next)
              if (next === null) row.current?.focus({ preventScroll: true })
            }}
          />
        )}
        {hasTools && !isNear && !tool && (
          <button type="button" className={tools.hiddenTool} tabIndex={-1} onClick={() => setTool('menu')}>
            {t('chat.actions')}
          </button>
        )}
      </li>
    )
  },
  (before, after) =>
    before.time === after.time &&
    before.isLast === after.isLast &&
    before.isTabStop === after.isTabStop &&
    isSameMessage(before.message, after.message),
)

interface BubbleProps {
  message: ChatMessage
  time: string
  fullTime: string
  isLast: boolean
  press: ReturnType<typeof useLongPress>
  isInThread: boolean
}

function Bubble({ message, time, fullTime, isLast, press, isInThread }: BubbleProps) {
  const me = useUser()
  const { t, jumpTo, showHistory, showPicture } = useChat()
  const { pending, isOwn, message: known, quote, isRemoved } = message
  const isFailed = pending?.state === 'failed'
  // In a thread everything answers its first message; to say so each time would be noise.
  const threadId = known?.thread_id ?? pending?.threadId
  const isQuoted = quote !== null && !isRemoved && !(isInThread && quote.id === threadId)
  const hasMeta = (isLast || pending !== null || message.isEdited || known?.pinned) && !isFailed
  return (
    <div
      className={classes.bubble}
      data-failed={isFailed || undefined}
      data-removed={isRemoved || undefined}
      {...press}
    >
      {isQuoted && <MessageQuote quote={quote} myId={me.id} onJump={() => jumpTo(quote)} />}
      {message.attachments.length > 0 && !isRemoved && (
        <MessageAttachments
          attachments={message.attachments}
          onOpen={known ? (picture) => showPicture(known, picture.id) : undefined}
        />
      )}
      <div className={classes.text} data-testid="message-text">
        {isRemoved ? (
          <em>{isOwn ? t('chat.removedOwn') : t('chat.removed')}</em>
        ) : (
          <MessageText
            text={message.text}
            format={message.format}
            myName={me.username}
            mentions={known?.mentions ?? none}
          />
        )}
      </div>
      {hasMeta && (
        <span className={classes.meta}>
          {known?.pinned && <IconPinFilled size={13} role="img" aria-label={t('chat.pinned')} />}
          {message.isEdited && !isRemoved && known && (
            <button type="button" className={classes.edited} onClick={() => showHistory(known)}>
              {t('chat.edited')}
            </button>
          )}
          <time dateTime={message.at} title={fullTime}>
            {time}
          </time>
          {isOwn && !isRemoved && (pending ? <SendingMark /> : <Ticks seq={message.seq ?? 0} />)}
        </span>
      )}
    </div>
  )
}

const none: readonly string[] = []

function ThreadLink({ message }: { message: NonNullable<ChatMessage['message']> }) {
  const { t, openThread } = useChat()
  return (
    <button type="button" className={classes.thread} onClick={() => openThread(message)}>
      <IconMessages size={15} stroke={1.75} aria-hidden />
      {t('chat.replies', { count: message.reply_count })}
    </button>
  )
}

function SendingMark() {
  const { t } = useChat()
  return (
    <span className={classes.sending}>
      <IconClock size={13} role="img" aria-label={t('chat.sending')} />
    </span>
  )
}

function FailedNote({ pending }: { pending: Pending }) {
  const { t } = useChat()
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
