import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

/** The current one first, then those used most recently. No event tells of changes, so each look asks anew. */
export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async () => {
    const { data } = await client.sessions.list()
    return data.toSorted(
      (one, other) => Number(other.current) - Number(one.current) || other.last_seen_at.localeCompare(one.last_seen_at),
    )
  },
  staleTime: 0,
  refetchOnWindowFocus: true,
})
