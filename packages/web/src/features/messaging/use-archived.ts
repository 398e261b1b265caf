import type { Conversation, List } from '@atrium/client'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../app/client.ts'
import { archivedKey } from '../groups/use-conversation-changes.ts'

/** What was put away. It is read anew whenever something of one's own view changes, here or elsewhere. */
export function useArchived() {
  const cache = useQueryClient()
  useEffect(() => {
    const reload = () => void cache.invalidateQueries({ queryKey: archivedKey })
    const stops = [
      client.live.on('conversation.updated', ({ data }) => {
        if ('my_role' in data) reload()
      }),
      client.live.on('conversation.removed', reload),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [cache])
  return useInfiniteQuery({
    queryKey: archivedKey,
    queryFn: ({ pageParam }): Promise<List<Conversation>> =>
      client.api.GET('/api/v1/conversations', {
        params: { query: { archived: true, ...(pageParam ? { cursor: pageParam } : {}) } },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ page }) => (page.has_more ? (page.next_cursor ?? undefined) : undefined),
    staleTime: 0,
  })
}
