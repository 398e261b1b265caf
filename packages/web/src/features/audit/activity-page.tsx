import { Button, Stack, Text } from '@mantine/core'
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { ActivityRow } from './activity-row.tsx'

/** Fresh at each look: what was shown before could hide what happened since. */
const activityQuery = infiniteQueryOptions({
  queryKey: ['activity'],
  queryFn: ({ pageParam }) =>
    client.api.GET('/api/v1/users/me/security-log', {
      params: { query: { limit: 25, ...(pageParam ? { cursor: pageParam } : {}) } },
    }),
  initialPageParam: '',
  getNextPageParam: ({ page }) => page.next_cursor ?? undefined,
  staleTime: 0,
  gcTime: 0,
})

export function ActivityPage() {
  const { t } = useTranslation()
  const query = useInfiniteQuery(activityQuery)
  usePageTitle(t('account.activity'))
  const events = query.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <AccountCard title={t('activity.title')} text={t('activity.text')}>
      {query.isPending && <ItemsLoading count={4} />}
      {query.isError && !query.data && (
        <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <Stack gap="lg">
          {events.length === 0 && <Text c="dimmed">{t('activity.none')}</Text>}
          {events.length > 0 && (
            <ItemList label={t('activity.title')}>
              {events.map((event) => (
                <ActivityRow key={event.id} event={event} />
              ))}
            </ItemList>
          )}
          {query.isFetchNextPageError && (
            <Text c="var(--danger-text)" role="alert">
              {explainError(query.error, t)}
            </Text>
          )}
          {query.hasNextPage ? (
            <Button
              variant="default"
              style={{ alignSelf: 'flex-start' }}
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('activity.more')}
            </Button>
          ) : (
            events.length > 25 && <Text c="dimmed">{t('activity.end')}</Text>
          )}
        </Stack>
      )}
    </AccountCard>
  )
}
