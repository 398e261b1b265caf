import { Button, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Skeleton.css'
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import classes from './admin.module.css'

interface Page<Item> {
  data: Item[]
  page: { next_cursor: string | null }
}

interface PagedListProps<Item> {
  queryKey: QueryKey
  load: (cursor: string | undefined) => Promise<Page<Item>>
  label: string
  empty: string
  /** Looked at again after so many milliseconds. */
  refetchInterval?: number
  children: (item: Item) => ReactNode
}

/** A long list, a page at a time. */
export function PagedList<Item extends { id: string }>({
  queryKey,
  load,
  label,
  empty,
  refetchInterval,
  children,
}: PagedListProps<Item>) {
  const { t } = useTranslation()
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    ...(refetchInterval === undefined ? {} : { refetchInterval }),
  })
  if (query.isPending) {
    return (
      <Stack gap="sm" role="status" aria-label={t('app.loading')}>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} h={56} radius="lg" />
        ))}
      </Stack>
    )
  }
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const items = query.data.pages.flatMap(({ data }) => data)
  if (items.length === 0) {
    return (
      <Text c="dimmed" py="xl" ta="center" role="status">
        {empty}
      </Text>
    )
  }
  return (
    <>
      <ul className={classes.list} aria-label={label}>
        {items.map((item) => (
          <li key={item.id}>{children(item)}</li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button variant="default" mt="md" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('app.more')}
        </Button>
      )}
    </>
  )
}
