import type { OwnPresence } from '@atrium/client'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import { usePresence } from './use-presence.ts'

export const ownPresenceQuery = queryOptions({
  queryKey: ['own-presence'],
  queryFn: () => client.api.GET('/api/v1/users/me/presence'),
})

/** What this person chose, also on another device. */
export function useOwnPresence(): OwnPresence | undefined {
  const me = useUser()
  const cache = useQueryClient()
  const seen = usePresence(me.id)
  const query = useQuery({ ...ownPresenceQuery, enabled: me.kind === 'person' })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change that others see may come from another device.
  useEffect(() => {
    if (seen) void cache.invalidateQueries(ownPresenceQuery)
  }, [cache, seen?.state, seen?.text])
  return query.data
}
