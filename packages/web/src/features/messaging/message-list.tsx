import type { Conversation } from '@atrium/client'
import { Button, Loader, Text } from '@mantine/core'
import { IconArrowDown } from '@tabler/icons-react'
import { useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { Failure } from '../../app/failure.tsx'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import { conversationFace } from './conversation-name.ts'
import { MessageDay } from './message-day.tsx'
import { chatMessages, firstUnreadKey, groupMessages } from './message-groups.ts'
import classes from './message-list.module.css'
import { MessagesLoading } from './messages-loading.tsx'
import { useMessages } from './queries.ts'
import { useMessageScroll } from './use-message-scroll.ts'
import { useReadMark } from './use-read-mark.ts'

const subscribe = (listener: () => void) => client.outbox.subscribe(listener)

export function MessageList({ conversation, name }: { conversation: Conversation; name: string }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const query = useMessages(conversation.id)
  const pending = useSyncExternalStore(subscribe, () => client.outbox.pending(conversation.id))
  // Where the unread ones began when the conversation was opened; reading them does not move it.
  const [readSeq] = useState(() => (conversation.unread_count > 0 ? conversation.last_read_seq : null))

  const messages = useMemo(
    () => chatMessages(query.messages, pending, { id: me.id, name: personName(me) }, personName),
    [query.messages, pending, me],
  )
  const dividerKey = firstUnreadKey(messages, readSeq, query.hasNextPage)
  const days = useMemo(() => groupMessages(messages, dates.dayKey, dividerKey), [messages, dates, dividerKey])

  const scroller = useRef<HTMLElement>(null)
  const { isAtBottom, onScroll, jump, topMark } = useMessageScroll(scroller, messages, {
    hasOlder: query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError,
    loadOlder: () => void query.fetchNextPage(),
  })
  const markVisible = useReadMark(scroller, conversation, query.messages)
  const unread = query.messages.filter(
    ({ seq, sender }) => seq > conversation.last_read_seq && sender.id !== me.id,
  ).length

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
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse.
        tabIndex={0}
        onScroll={() => {
          onScroll()
          markVisible()
        }}
      >
        <div className={classes.content}>
          <div ref={topMark} />
          {query.isFetchingNextPage && <Loader size="sm" mx="auto" my="md" aria-label={t('chat.olderLoading')} />}
          {query.isFetchNextPageError && (
            <Text ta="center" c="dimmed" size="sm" py="md">
              {t('chat.olderFailed')}{' '}
              <Button variant="subtle" size="compact-sm" onClick={() => void query.fetchNextPage()}>
                {t('app.retry')}
              </Button>
            </Text>
          )}
          {!query.hasNextPage && (
            <div className={classes.beginning}>
              <PersonAvatar person={conversationFace(conversation, me.id, t)} size={64} />
              <Text c="dimmed">{t('chat.empty', { name })}</Text>
              {messages.length === 0 && <Text fw={600}>{t('chat.emptyHint')}</Text>}
            </div>
          )}
          {days.map((day) => (
            <MessageDay key={day.key} day={day} dates={dates} now={now} dividerKey={dividerKey} />
          ))}
        </div>
      </section>
      {!isAtBottom && (
        <Button
          className={classes.jump ?? ''}
          radius="xl"
          size="sm"
          variant={unread > 0 ? 'filled' : 'default'}
          leftSection={<IconArrowDown size={16} aria-hidden />}
          onClick={jump}
        >
          {unread > 0 ? t('chat.jumpNew', { count: unread }) : t('chat.jump')}
        </Button>
      )}
    </div>
  )
}
