import { Button, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { IconBellCheck } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { useDates, useNow } from '../../app/use-dates.ts'
import { NotificationRow } from './notification-row.tsx'
import classes from './notifications.module.css'
import { notificationsQuery } from './queries.ts'
import type { useNotificationActions } from './use-notification-actions.ts'

interface NotificationListProps {
  unreadOnly: boolean
  actions: ReturnType<typeof useNotificationActions>
}

export function NotificationList({ unreadOnly, actions }: NotificationListProps) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const query = useInfiniteQuery(notificationsQuery(unreadOnly))
  if (query.isPending) return <Loading />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />

  const all = query.data.pages.flatMap(({ data }) => data)
  const shown = unreadOnly ? all.filter(({ read_at }) => read_at === null) : all
  return (
    <>
      {actions.failure && (
        <Text c="var(--danger-text)" px="md" py="xs" role="alert">
          {explainError(actions.failure, t)}
        </Text>
      )}
      {shown.length === 0 && !query.hasNextPage ? (
        <Stack align="center" gap={6} ta="center" px="xl" py={44} role="status">
          <span className={classes.calm}>
            <IconBellCheck size={28} stroke={1.5} aria-hidden />
          </span>
          <Text fw={650} size="lg" mt="xs">
            {unreadOnly ? t('notices.emptyUnread') : t('notices.emptyTitle')}
          </Text>
          {!unreadOnly && (
            <Text c="dimmed" maw={340}>
              {t('notices.emptyText')}
            </Text>
          )}
        </Stack>
      ) : (
        <ul className={classes.list} aria-label={t('notices.label')}>
          {shown.map((each) => (
            <NotificationRow
              key={each.id}
              notification={each}
              dates={dates}
              now={now}
              onOpen={() => actions.open(each)}
              onRead={(read) => actions.setRead.mutate({ id: each.id, read })}
              onRemove={() => actions.remove.mutate(each.id)}
            />
          ))}
        </ul>
      )}
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

function Loading() {
  const { t } = useTranslation()
  return (
    <Stack gap="md" p="md" role="status" aria-label={t('app.loading')}>
      {[70, 55, 64].map((width) => (
        <div key={width} className={classes.loading}>
          <Skeleton circle h={42} w={42} />
          <Stack gap={8} flex={1}>
            <Skeleton h={12} w={`${width}%`} />
            <Skeleton h={10} w="30%" />
          </Stack>
        </div>
      ))}
    </Stack>
  )
}
