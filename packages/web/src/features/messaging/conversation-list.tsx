import { ActionIcon, Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { IconPencilPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import classes from './conversation-list.module.css'
import { ConversationListItem } from './conversation-list-item.tsx'
import { useConversations } from './queries.ts'

export function ConversationList({ openId }: { openId: string | undefined }) {
  const { t } = useTranslation()
  return (
    <>
      <header className={classes.header}>
        <Title order={1} size="h2" fz={22} tabIndex={-1} data-page-heading={openId === undefined || undefined}>
          {t('conversations.title')}
        </Title>
        <ActionIcon
          component={Link}
          to="/people"
          variant="light"
          size={40}
          radius="xl"
          className={classes.start ?? ''}
          aria-label={t('conversations.start')}
        >
          <IconPencilPlus size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </header>
      <nav className={classes.scroller} aria-label={t('conversations.label')}>
        <Content openId={openId} />
      </nav>
    </>
  )
}

function Content({ openId }: { openId: string | undefined }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const query = useConversations()

  if (query.isPending) return <Loading label={t('app.loading')} />
  if (!query.data) {
    return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  }
  if (query.conversations.length === 0) return <Empty />
  return (
    <>
      <ul className={classes.list}>
        {query.conversations.map((conversation) => (
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
