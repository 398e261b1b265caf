import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../app/client.ts'

/** The queue is read anew when another moderator, or a new report, changes it. */
export function useModerationNews(what: 'report' | 'ban'): void {
  const cache = useQueryClient()
  useEffect(() => {
    const reload = () => void cache.invalidateQueries({ queryKey: ['moderation', what] })
    const stops = [
      client.live.onEphemeral('moderation.changed', (change) => {
        if (change.what === what) reload()
      }),
      // What was told meanwhile, nobody repeats.
      client.live.subscribe((state) => {
        if (state === 'live') reload()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [cache, what])
}
