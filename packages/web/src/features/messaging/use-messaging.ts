import type { Message } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { setUnreadInTitle } from '../../app/page-title.ts'
import { personName } from '../people/person.ts'
import { startLiveUpdates } from './live-updates.ts'
import { useUnreadTotal } from './queries.ts'

/** Listens to the server while somebody is signed in. Answers how many messages are unread. */
export function useMessaging(): number {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const unread = useUnreadTotal()

  useEffect(() => {
    const onArrival = (message: Message) => {
      const name = personName(message.sender)
      const isOpen = window.location.pathname.endsWith(message.conversation_id)
      announce(isOpen ? t('chat.arrived', { name, text: message.text }) : t('chat.arrivedElsewhere', { name }))
    }
    const stop = startLiveUpdates(client, cache, onArrival)
    client.live.connect()
    return () => {
      client.live.disconnect()
      stop()
    }
  }, [cache, t])

  useEffect(() => {
    setUnreadInTitle(unread)
    return () => setUnreadInTitle(0)
  }, [unread])

  return unread
}
