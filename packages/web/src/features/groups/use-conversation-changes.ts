import type { Conversation, ConversationChange } from '@atrium/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { withConversation, withoutConversation } from '../messaging/conversation-cache.ts'
import { changeConversations } from '../messaging/queries.ts'

export const archivedKey = ['archived-conversations'] as const

type Step =
  | { kind: 'change'; change: ConversationChange }
  | { kind: 'picture'; picture: Blob | null }
  | { kind: 'read' | 'unread' | 'leave' | 'delete' }

/** What one does with a whole conversation, for oneself or for all. */
export function useConversationChanges(conversation: Conversation) {
  const cache = useQueryClient()
  const { id, last_message } = conversation
  return useMutation({
    mutationFn: async (step: Step): Promise<Conversation | undefined> => {
      const path = { id }
      if (step.kind === 'change') {
        return client.api.PATCH('/api/v1/conversations/{id}', { params: { path }, body: step.change })
      }
      if (step.kind === 'leave' || step.kind === 'delete') {
        const query = step.kind === 'delete' ? { for: 'everyone' as const } : {}
        await client.api.DELETE('/api/v1/conversations/{id}', { params: { path, query } })
        return undefined
      }
      if (step.kind === 'picture') {
        await (step.picture ? client.conversations.setAvatar(id, step.picture) : client.conversations.removeAvatar(id))
        return client.conversations.get(id)
      }
      const seq = last_message?.seq ?? 0
      if (step.kind === 'read') await client.conversations.markRead(id, seq)
      else await client.api.PUT('/api/v1/conversations/{id}/unread', { params: { path }, body: { seq } })
      return client.conversations.get(id)
    },
    onSuccess: (changed) => {
      changeConversations(cache, (pages) =>
        changed ? withConversation(pages, changed) : withoutConversation(pages, id),
      )
      if (changed) cache.setQueryData(['conversation', id], (known) => known && changed)
      return cache.invalidateQueries({ queryKey: archivedKey })
    },
  })
}
