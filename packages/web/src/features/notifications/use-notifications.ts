import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../app/client.ts'
import { withNotification, withRead } from './notification-cache.ts'
import { changeLists, reloadNotifications, setUnreadCount, unreadCountQuery } from './queries.ts'

/** Keeps the lists and the count true while somebody is signed in. Answers how many are unread. */
export function useNotifications(): number {
  const cache = useQueryClient()
  const count = useQuery(unreadCountQuery)

  useEffect(() => {
    const own = `user:${client.session.user?.id}`
    const reload = (stream: string) => {
      if (stream === own) void reloadNotifications(cache)
    }
    const stops = [
      client.live.on('notification.created', ({ data }) => {
        changeLists(cache, (pages) => withNotification(pages, data))
        void cache.invalidateQueries(unreadCountQuery)
      }),
      client.live.on('notification.read', ({ data, at }) => {
        changeLists(cache, (pages) => withRead(pages, data.ids, at))
        setUnreadCount(cache, data.unread_count)
      }),
      client.live.onStreams({ added: reload, reset: reload }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [cache])

  return count.data?.unread_count ?? 0
}
