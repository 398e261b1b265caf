import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import { may } from '../admin/rights.ts'
import { personName } from './person.ts'
import { reloadRelations, requestCountQuery } from './queries.ts'

/** Keeps the lists of people true while somebody is signed in. Answers how many requests wait for an answer. */
export function useFriendRequests(): number {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const me = useUser()
  const count = useQuery({ ...requestCountQuery, enabled: may(me, 'friends:read') })

  useEffect(() => {
    const own = `user:${me.id}`
    const reload = () => reloadRelations(cache)
    const reloadOwn = (stream: string) => {
      if (stream === own) void reload()
    }
    const stops = [
      client.live.on('friend_request.created', ({ data }) => {
        if (data.direction === 'incoming') announce(t('people.asked', { name: personName(data.user) }))
        void reload()
      }),
      client.live.on('friend_request.accepted', ({ data }) => {
        if (data.direction === 'outgoing') announce(t('people.accepted', { name: personName(data.user) }))
        void reload()
      }),
      client.live.on('friend_request.declined', () => void reload()),
      client.live.on('friend.removed', () => void reload()),
      client.live.on('block.changed', () => void reload()),
      client.live.onStreams({ added: reloadOwn, reset: reloadOwn }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [cache, me.id, t])

  return count.data?.incoming ?? 0
}
