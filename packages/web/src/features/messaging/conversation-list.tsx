import type { Conversation } from '@atrium/client'
import { Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chips } from '../../app/chips.tsx'
import { Failure } from '../../app/failure.tsx'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import classes from './conversation-list.module.css'
import { ConversationListItem } from './conversation-list-item.tsx'
import { useConversations } from './queries.ts'
import { StartMenu } from './start-menu.tsx'
import { useArchived } from './use-archived.ts'

type Filter = 'all' | 'unread' | 'groups' | 'archived'

export function ConversationList({ openId }: { openId: string | undefined }) {
  const { t } = useTranslation()
  const [filter, setFilter] = useState<Filter>('all')
  return (
    <>
      <header className={classes.header}>
        <Title order={1} size="h2" fz={22} tabIndex={-1} data-page-heading={openId === undefined || undefined}>
          {t('conversations.title')}
        </Title>
        <StartMenu />
      </header>
      <div className={classes.filters}>
        <Chips
          label={t('conversations.filter')}
          value={filter}
          onChange={setFilter}
          choices={(['all', 'unread', 'groups', 'archived'] as const).map((value) => ({
            value,
            label: t(`conversations.${value}`),
          }))}
        />
      </div>
      <nav className={classes.scroller} aria-label={t('conversations.label')}>
        {filter === 'archived' ? <Archived openId={openId} /> : <Content openId={openId} filter={filter} />}
      </nav>
    </>
  )
}

const fits: Record<Exclude<Filter, 'archived'>, (conversation: Conversation) => boolean> = {
  all: () => true,
  unread: ({ unread_count }) => unread_count > 0,
  groups: ({ kind }) => kind !== 'direct',
}

function Content({ openId, filter }: { openId: string | undefined; filter: Exclude<Filter, 'archived'> }) {
  const { t } = useTranslation()
  const query = useConversations()
  const shown = query.conversations.filter(fits[filter])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  // What is looked for may stand further down.
  const isLooking = query.data !== undefined && shown.length === 0 && hasNextPage
  useEffect(() => {
    if (isLooking && !isFetchingNextPage) void fetchNextPage()
  }, [isLooking, isFetchingNextPage, fetchNextPage])

  if (query.isPending || isLooking) return <Loading label={t('app.loading')} />
  if (!query.data) {
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  if (query.conversations.length === 0) return <Empty />
  if (shown.length === 0) {
    return (
      <p className={classes.none} role="status">
        {t(filter === 'unread' ? 'conversations.noneUnread' : 'conversations.noneGroups')}
      </p>
    )
  }
  return (
    <>
      <Items conversations={shown} openId={openId} />
      {hasNextPage && (
        <Button variant="subtle" fullWidth loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

function Archived({ openId }: { openId: string | undefined }) {
  const { t } = useTranslation()
  const query = useArchived()
  if (query.isPending) return <Loading label={t('app.loading')} />
  if (!query.data) {
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  const conversations = query.data.pages.flatMap(({ data }) => data)
  if (conversations.length === 0) {
    return (
      <p className={classes.none} role="status">
        {t('conversations.noneArchived')}
      </p>
    )
  }
  return (
    <>
      <Items conversations={conversations} openId={openId} />
      {query.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

function Items({ conversations, openId }: { conversations: readonly Conversation[]; openId: string | undefined }) {
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  return (
    <ul className={classes.list}>
      {conversations.map((conversation) => (
        <ConversationListItem
          key={conversation.id}
          conversation={conversation}
          isOpen={conversation.id === openId}
          myId={me.id}
          dates={dates}
          now={now}
        />
      ))}
    </ul>
  )
}

function Empty() {
  const { t } = useTranslation()
  return (
    <Stack align="center" gap="xs" ta="center" px="xl" py={56}>
      <Text fw={650} size="lg">
        {t('conversations.emptyTitle')}
      </Text>
      <Text c="dimmed">{t('conversations.emptyText')}</Text>
      <Button component={Link} to="/people" mt="sm">
        {t('conversations.emptyAction')}
      </Button>
    </Stack>
  )
}

function Loading({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label}>
      {[62, 48, 70, 55, 40].map((width) => (
        <div key={width} className={classes.skeleton}>
          <Skeleton circle h={44} w={44} />
          <Stack gap={8} flex={1}>
            <Skeleton h={12} w={`${width}%`} />
            <Skeleton h={10} w="85%" />
          </Stack>
        </div>
      ))}
    </div>
  )
}
