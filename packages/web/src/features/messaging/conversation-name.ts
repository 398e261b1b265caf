import type { Conversation, Person } from '@atrium/client'
import type { TFunction } from 'i18next'
import { personName } from '../people/person.ts'

type Named = Pick<Conversation, 'id' | 'title' | 'members_preview'>

export const otherMembers = (conversation: Named, myId: string): Conversation['members_preview'] =>
  conversation.members_preview.filter(({ id }) => id !== myId)

/** Its title, or the names of the others in it. */
export function conversationName(conversation: Named, myId: string, t: TFunction): string {
  const names = otherMembers(conversation, myId).map(personName).join(', ')
  return conversation.title || names || t('conversations.someone')
}

/** Whose picture stands for the conversation. */
export function conversationFace(conversation: Named, myId: string, t: TFunction): Person {
  const [first, ...more] = otherMembers(conversation, myId)
  if (first && more.length === 0 && !conversation.title) return first
  const name = conversationName(conversation, myId, t)
  return { id: conversation.id, username: name, display_name: name }
}
