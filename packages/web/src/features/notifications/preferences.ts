import type { NotificationPreferences } from '@atrium/client'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

/** Those who are told, in the order of the page. */
export const noticeTypes = [
  'message_mention',
  'message_reply',
  'message_reaction',
  'conversation_invite',
  'friend_request',
  'friend_accepted',
  'report_resolved',
  'system',
] as const satisfies readonly (keyof NotificationPreferences)[]

export const noticeChannels = ['in_app', 'email', 'push'] as const

const preferencesQuery = queryOptions({
  queryKey: ['notification-preferences'],
  queryFn: () => client.api.GET('/api/v1/users/me/notification-preferences'),
})

export type PreferencesChange = (known: NotificationPreferences) => NotificationPreferences

/** Shown as chosen at once; what the server refuses is put back. */
export function usePreferences() {
  const cache = useQueryClient()
  const query = useQuery(preferencesQuery)
  const save = useMutation({
    // One after the other: each sends the whole, so the last one has to arrive last.
    scope: { id: 'notification-preferences' },
    mutationFn: async (_: PreferencesChange) => {
      const body = cache.getQueryData(preferencesQuery.queryKey)
      if (!body) throw new Error('The preferences are not loaded')
      return client.api.PUT('/api/v1/users/me/notification-preferences', { body })
    },
    onMutate: (change) => cache.setQueryData(preferencesQuery.queryKey, (known) => known && change(known)),
    onError: () => cache.invalidateQueries(preferencesQuery),
  })
  return { query, save }
}
