import type { Notification } from '@atrium/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ownPath } from '../../app/own-path.ts'
import { withNotification, withoutNotification, withRead } from './notification-cache.ts'
import { changeLists, setUnreadCount, unreadCountQuery } from './queries.ts'

/** What one can do with notifications. The other tabs and devices are told by the server. */
export function useNotificationActions(onOpen: () => void = () => {}) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const navigate = useNavigate()

  const markAll = useMutation({
    mutationFn: () => client.api.POST('/api/v1/notifications/mark-as-read', { body: {} }),
    onSuccess: ({ unread_count }) => {
      changeLists(cache, (pages) => withRead(pages, undefined, new Date().toISOString()))
      setUnreadCount(cache, unread_count)
      announce(t('notices.markedAll'))
    },
  })
  const setRead = useMutation({
    mutationFn: ({ id, read }: { id: string; read: boolean }) =>
      client.api.PATCH('/api/v1/notifications/{id}', { params: { path: { id } }, body: { read } }),
    onSuccess: (told) => {
      changeLists(cache, (pages) => withNotification(pages, told))
      void cache.invalidateQueries(unreadCountQuery)
    },
  })
  const remove = useMutation({
    mutationFn: (id: string) => client.api.DELETE('/api/v1/notifications/{id}', { params: { path: { id } } }),
    onSuccess: (_, id) => {
      changeLists(cache, (pages) => withoutNotification(pages, id))
      void cache.invalidateQueries(unreadCountQuery)
    },
  })

  const open = (notification: Notification) => {
    // Going there matters more than the mark: when that fails, the row stays unread and nothing else is lost.
    if (!notification.read_at) setRead.mutate({ id: notification.id, read: true })
    const href = ownPath(notification.target?.url)
    if (!href) return
    onOpen()
    void navigate({ href })
  }

  return { markAll, setRead, remove, open, failure: markAll.error ?? setRead.error ?? remove.error }
}
