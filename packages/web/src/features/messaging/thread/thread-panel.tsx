import type { Conversation, Message } from '@atrium/client'
import { ActionIcon, Button, Loader, Text, Title } from '@mantine/core'
import { IconArrowLeft, IconX } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { Failure } from '../../../app/failure.tsx'
import { useUser } from '../../../app/session.ts'
import { useDates, useNow } from '../../../app/use-dates.ts'
import { canWrite } from '../../groups/member-rights.ts'
import { personName } from '../../people/person.ts'
import { ChatContext, type Place } from '../chat-actions.ts'
import { Composer } from '../composer/composer.tsx'
import { quoteOf } from '../composer/composition.ts'
import { messagesOf } from '../message-cache.ts'
import { MessageDay } from '../message-day.tsx'
import { chatMessages, groupMessages } from '../message-groups.ts'
import { MessagesLoading } from '../messages-loading.tsx'
import { messageQuery, threadQuery } from '../queries.ts'
import { type ChatDialog, useChatActions } from '../use-chat-actions.ts'
import classes from './thread-panel.module.css'

const subscribe = (listener: () => void) => client.outbox.subscribe(listener)

interface ThreadPanelProps {
  conversation: Conversation
  rootId: string
  say: (text: string, isFailure?: boolean) => void
  open: (dialog: ChatDialog) => void
}

/** One message and all replies to it, beside the conversation; on a phone in its place. */
export function ThreadPanel({ conversation, rootId, say, open }: ThreadPanelProps) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { id } = conversation
  const root = useQuery(messageQuery(id, rootId))
  const close = useCallback(
    () => void navigate({ to: '/messages/$conversationId', params: { conversationId: id }, search: {} }),
    [navigate, id],
  )
  // What is answered here is seldom in the panel only: the conversation shows it.
  const jumpTo = useCallback(
    (place: Place) => {
      const row = document.querySelector<HTMLElement>(`[data-thread-panel] [data-id="${place.id}"]`)
      if (row) row.scrollIntoView({ block: 'center' })
      else void navigate({ to: '/messages/$conversationId', params: { conversationId: id }, search: { at: place.id } })
    },
    [navigate, id],
  )
  const actions = useChatActions(conversation, { place: `${id}:${rootId}`, say, open, jumpTo })
  return (
    <ChatContext value={actions}>
      <aside className={classes.panel} aria-label={t('thread.title')} data-thread-panel>
        <header className={classes.header}>
          <ActionIcon
            className={classes.back ?? ''}
            variant="subtle"
            color="gray"
            size={40}
            aria-label={t('thread.back')}
            onClick={close}
          >
            <IconArrowLeft size={22} stroke={1.75} aria-hidden />
          </ActionIcon>
          <Title order={2} fz={17} flex={1}>
            {t('thread.title')}
          </Title>
          <ActionIcon
            className={classes.close ?? ''}
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('thread.close')}
            onClick={close}
          >
            <IconX size={20} stroke={1.75} aria-hidden />
          </ActionIcon>
        </header>
        {root.data ? (
          <Replies conversation={conversation} root={root.data} />
        ) : root.error ? (
          <Failure title={t('errors.page')} error={root.error} onRetry={() => void root.refetch()} />
        ) : (
          <MessagesLoading />
        )}
      </aside>
    </ChatContext>
  )
}

function Replies({ conversation, root }: { conversation: Conversation; root: Message }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const scroller = useRef<HTMLDivElement>(null)
  const query = useInfiniteQuery(threadQuery(conversation.id, root.id))
  const pending = useSyncExternalStore(subscribe, () => client.outbox.pending(conversation.id))
  const name = personName(me)

  const messages = useMemo(() => {
    const waiting = pending.filter(({ threadId }) => threadId === root.id)
    return chatMessages([root, ...messagesOf(query.data)], waiting, { id: me.id, name }, personName)
  }, [root, query.data, pending, me.id, name])
  const days = useMemo(() => groupMessages(messages, dates.dayKey), [messages, dates])

  // To the newest reply, first and whenever there is a new one.
  const newest = messages.at(-1)?.key
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest reply is what it is about.
  useEffect(() => {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  }, [newest])

  return (
    <>
      <div ref={scroller} className={classes.scroller} data-log>
        {query.hasNextPage && (
          <Button
            variant="subtle"
            size="sm"
            fullWidth
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('thread.earlier')}
          </Button>
        )}
        {days.map((day, index) => (
          <MessageDay
            key={day.key}
            day={day}
            dates={dates}
            now={now}
            dividerKey={undefined}
            isNewest={index === days.length - 1}
            withNames
            isInThread
          />
        ))}
        {query.isPending && <Loader size="sm" mx="auto" my="md" aria-label={t('app.loading')} />}
        {query.error && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && messages.length === 1 && (
          <Text c="dimmed" ta="center" py="lg">
            {t('thread.empty')}
          </Text>
        )}
      </div>
      {canWrite(conversation) && (
        <Composer
          conversation={conversation}
          label={t('thread.write')}
          place={`${conversation.id}:${root.id}`}
          thread={{ replyTo: quoteOf(root), threadId: root.id }}
        />
      )}
    </>
  )
}
