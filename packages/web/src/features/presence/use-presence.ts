import type { Presence } from '@atrium/client'
import { useEffect, useSyncExternalStore } from 'react'
import { presences } from './presence-store.ts'

/** How somebody is, live, while the component that asks is shown. */
export function usePresence(userId: string | undefined): Presence | undefined {
  useEffect(() => (userId === undefined ? undefined : presences.watch(userId)), [userId])
  return useSyncExternalStore(presences.subscribe, () => (userId === undefined ? undefined : presences.of(userId)))
}
