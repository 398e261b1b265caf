import type { EphemeralData } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../app/client.ts'

/** A list is read anew when somebody else, or the server itself, changed it. Its query begins with `admin` and the name. */
export function useAdminNews(what: EphemeralData['admin.changed']['what']): void {
  const cache = useQueryClient()
  useEffect(() => {
    const reload = () => void cache.invalidateQueries({ queryKey: ['admin', what] })
    const stops = [
      client.live.onEphemeral('admin.changed', (change) => {
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
