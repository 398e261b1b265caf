import type { Conversation } from '@atrium/client'
import { Button, Loader, Text } from '@mantine/core'
import { IconArrowDown } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { Failure } from '../../app/failure.tsx'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { ConversationFace } from '../groups/conversation-face.tsx'
import { personName } from '../people/person.ts'
import { MessageDay } from './message-day.tsx'
import { chatMessages, type DayOfMessages, firstUnreadKey, groupMessages, keepUnchanged } from './message-groups.ts'
import classes from './message-list.module.css'
import { MessagesLoading } from './messages-loading.tsx'
import { messagesQuery, useMessages } from './queries.ts'
import { useArrival, type useJump } from './use-jump.ts'
import { useMessageScroll } from './use-message-scroll.ts'
import { useReadMark } from './use-read-mark.ts'

const subscribe = (listener: () => void) => client.outbox.subscribe(listener)

interface MessageListProps {
  conversation: Conversation
  name: string
  jump: ReturnType<typeof useJump>
}

export function MessageList({ conversation, name, jump }: MessageListProps) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const query = useMessages(conversation.id)
  const pending = useSyncExternalStore(subscribe, () => client.outbox.pending(conversation.id))
  // Where the unread ones began when the conversation was opened; reading them does not move it.
  const [readSeq] = useState(() => (conversation.unread_count > 0 ? conversation.last_read_seq : null))
  const hasNewer = query.hasPreviousPage

  const messages = useMemo(
    // What is on its way comes after the newest message, which may not be loaded.
    () => chatMessages(query.messages, hasNewer ? none : pending, { id: me.id, name: personName(me) }, personName),
    [query.messages, pending, me, hasNewer],
  )
  const dividerKey = firstUnreadKey(messages, readSeq, query.hasNextPage)
  const days = useUnchanged(
    useMemo(() => groupMessages(messages, dates.dayKey, dividerKey), [messages, dates, dividerKey]),
  )

  const scroller = useRef<HTMLElement>(null)
  const { isAtBottom, onScroll, toBottom, topMark, bottomMark } = useMessageScroll(scroller, messages, {
    hasOlder: query.hasNextPage && !query.isFetching && !query.isFetchNextPageError,
    loadOlder: () => void query.fetchNextPage(),
    hasNewer,
    canLoadNewer: hasNewer && !query.isFetching && !query.isFetchPreviousPageError,
    loadNewer: () => void query.fetchPreviousPage(),
  })
  useArrival(scroller, jump.target, messages)
  const markVisible = useReadMark(scroller, conversation, query.messages)
  useReturnToNewest(conversation.id, hasNewer, pending.length, jump.toNewest)
  const unread = conversation.unread_count

  if (query.isPending) return <MessagesLoading />
  if (!query.data) {
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className={classes.frame}>
      <section
        ref={scroller}
        className={classes.scroller}
        aria-label={t('chat.log', { name })}
        data-log
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse.
        tabIndex={0}
        onScroll={() => {
          onScroll()
          markVisible()
        }}
      >
        <div className={classes.content}>
          <div ref={topMark} />
          {query.hasNextPage && (
            <div className={classes.more}>
              {query.isFetchingNextPage && <Loader size="sm" aria-label={t('chat.olderLoading')} />}
            </div>
          )}
          {query.isFetchNextPageError && (
            <LoadFailed text={t('chat.olderFailed')} retry={() => void query.fetchNextPage()} />
          )}
          {!query.hasNextPage && (
            <div className={classes.beginning}>
              <ConversationFace conversation={conversation} size={64} />
              <Text c="dimmed">{t('chat.empty', { name })}</Text>
              {messages.length === 0 && <Text fw={600}>{t('chat.emptyHint')}</Text>}
            </div>
          )}
          {days.map((day, index) => (
            <MessageDay
              key={day.key}
              day={day}
              dates={dates}
              now={now}
              dividerKey={dividerKey}
              isNewest={index === days.length - 1}
              withNames={conversation.kind !== 'direct'}
            />
          ))}
          {hasNewer && (
            <div className={classes.more}>
              {query.isFetchingPreviousPage && <Loader size="sm" aria-label={t('chat.newerLoading')} />}
            </div>
          )}
          {query.isFetchPreviousPageError && (
            <LoadFailed text={t('chat.newerFailed')} retry={() => void query.fetchPreviousPage()} />
          )}
          <div ref={bottomMark} />
        </div>
      </section>
      {!isAtBottom && (
        <Button
          className={classes.jump ?? ''}
          radius="xl"
          size="sm"
          variant={unread > 0 ? 'filled' : 'default'}
          leftSection={<IconArrowDown size={16} aria-hidden />}
          onClick={() => (hasNewer ? void jump.toNewest() : toBottom())}
        >
          {unread > 0 ? t('chat.jumpNew', { count: unread }) : t('chat.jump')}
        </Button>
      )}
    </div>
  )
}

function useUnchanged(days: DayOfMessages[]): DayOfMessages[] {
  const before = useRef<DayOfMessages[]>([])
  return useMemo(() => {
    before.current = keepUnchanged(before.current, days)
    return before.current
  }, [days])
}

const none: ReturnType<typeof client.outbox.pending> = []

function LoadFailed({ text, retry }: { text: string; retry: () => void }) {
  const { t } = useTranslation()
  return (
    <Text ta="center" c="dimmed" size="sm" py="md">
      {text}{' '}
      <Button variant="subtle" size="compact-sm" onClick={retry}>
        {t('app.retry')}
      </Button>
    </Text>
  )
}

/** One's own new message is at the end, wherever one was; and the next visit begins there as well. */
function useReturnToNewest(id: string, hasNewer: boolean, pending: number, toNewest: () => Promise<void>): void {
  const cache = useQueryClient()
  const before = useRef(pending)
  useEffect(() => {
    const isMore = pending > before.current
    before.current = pending
    if (isMore && hasNewer) void toNewest()
  }, [pending, hasNewer, toNewest])

  const isAway: RefObject<boolean> = useRef(hasNewer)
  isAway.current = hasNewer
  useEffect(
    () => () => {
      if (isAway.current) cache.removeQueries({ queryKey: messagesQuery(id).queryKey })
    },
    [cache, id],
  )
}
