import type { List, Notification } from '@atrium/client'
import { type InfiniteData, infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { changeQueries } from '../../app/late-answers.ts'

export type NotificationPages = InfiniteData<List<Notification>, string | undefined>

const lists = ['notifications', 'list'] as const

export const notificationsQuery = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: [...lists, { unread }],
    queryFn: ({ pageParam }) =>
      client.api.GET('/api/v1/notifications', {
        params: { query: { ...(unread ? { unread } : {}), ...(pageParam ? { cursor: pageParam } : {}) } },
      }) as Promise<List<Notification>>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ page }) => (page.has_more ? (page.next_cursor ?? undefined) : undefined),
  })

export const unreadCountQuery = queryOptions({
  queryKey: ['notifications', 'count'],
  queryFn: () => client.api.GET('/api/v1/notifications/unread-count'),
})

export const setUnreadCount = (cache: QueryClient, unread_count: number): void =>
  changeQueries(cache, { queryKey: unreadCountQuery.queryKey, exact: true }, () => ({ unread_count }))

export const readNotifications = (cache: QueryClient): Notification[] =>
  cache
    .getQueriesData<NotificationPages>({ queryKey: lists })
    .flatMap(([, pages]) => pages?.pages.flatMap(({ data }) => data) ?? [])

/** In every list that is loaded. */
export function changeLists(cache: QueryClient, change: (pages: NotificationPages) => NotificationPages): void {
  changeQueries(cache, { queryKey: lists }, change)
}

export const reloadNotifications = (cache: QueryClient): Promise<void> =>
  cache.invalidateQueries({ queryKey: ['notifications'] })
