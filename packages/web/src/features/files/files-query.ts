import { infiniteQueryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

/** The newest first, a page at a time. */
export const filesQuery = infiniteQueryOptions({
  queryKey: ['files'],
  queryFn: ({ pageParam }) => client.files.list(pageParam),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ page }) => page.next_cursor ?? undefined,
  staleTime: 0,
})
