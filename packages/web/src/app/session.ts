import type { SessionState, User } from '@atrium/client'
import { useSyncExternalStore } from 'react'
import { client } from './client.ts'

const subscribe = (listener: () => void) => client.session.subscribe(listener)
const snapshot = () => client.session.state

export const useSession = (): SessionState => useSyncExternalStore(subscribe, snapshot)

/** For pages behind the sign-in only. The last user stays readable while the router leads away after a sign-out. */
export function useUser(): User {
  const { user } = useSession()
  if (user) lastUser = user
  if (!lastUser) throw new Error('Nobody is signed in')
  return lastUser
}

let lastUser: User | null = null
