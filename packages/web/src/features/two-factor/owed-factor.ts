import { ApiError } from '@atrium/client'
import { useSyncExternalStore } from 'react'

let isOwed = false
const listeners = new Set<() => void>()

function set(owed: boolean): void {
  isOwed = owed
  for (const listener of listeners) listener()
}

/** Any answer may say so: the rule can change while somebody is signed in. */
export function noticeOwedFactor(error: unknown): void {
  if (error instanceof ApiError && error.code === 'mfa_required' && !isOwed) set(true)
}

export const factorIsThere = (): void => set(false)

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether the server asks for a second factor before anything else. */
export const useOwedFactor = (): boolean => useSyncExternalStore(subscribe, () => isOwed)
