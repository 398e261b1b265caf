import type { PublicUser } from '@atrium/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { client } from '../../app/client.ts'
import { withConversation } from './conversation-cache.ts'
import { changeConversations } from './queries.ts'

/** Goes to the conversation with a person, the one there is or a new one. */
export function useOpenConversation() {
  const navigate = useNavigate()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ username }: PublicUser) => client.conversations.create({ kind: 'direct', username }),
    onSuccess: (conversation) => {
      changeConversations(cache, (pages) => withConversation(pages, conversation))
      return navigate({ to: '/messages/$conversationId', params: { conversationId: conversation.id } })
    },
  })
}
