import type { Conversation, Person } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { personName } from '../people/person.ts'
import { readMessages } from './queries.ts'

/** The members one knows of: those of the preview, and whoever wrote what is loaded. */
export function useKnownPeople(conversation: Conversation, myId: string): Person[] {
  const cache = useQueryClient()
  const { members_preview: members, id, last_message } = conversation
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each new message there may be somebody new.
  return useMemo(() => {
    const byId = new Map<string, Person>()
    for (const each of [...members, ...readMessages(cache, id).map(({ sender }) => sender)]) byId.set(each.id, each)
    byId.delete(myId)
    return [...byId.values()].sort((one, other) => personName(one).localeCompare(personName(other)))
  }, [cache, members, id, myId, last_message?.id])
}
