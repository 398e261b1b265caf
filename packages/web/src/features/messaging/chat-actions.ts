import type { Conversation, Message } from '@atrium/client'
import type { TFunction } from 'i18next'
import { createContext, useContext } from 'react'

/** A message to go to: by its place, and by its id once it is on the screen. */
export interface Place {
  id: string
  seq: number
}

/** What the rows need to know of it; the rest changes with each message. */
export type ChatConversation = Pick<Conversation, 'id' | 'kind' | 'my_role' | 'posting'>

/** What can be done with the messages of the open conversation. All of them may be called at any time. */
export interface ChatActions {
  conversation: ChatConversation
  myId: string
  /** For hundreds of rows: the hook has each of them listen for another language, and copies all settings. */
  t: TFunction
  reply(message: Message): void
  edit(message: Message): void
  react(message: Message, emoji: string): void
  askToDelete(message: Message): void
  showHistory(message: Message): void
  showReaders(message: Message): void
  showPicture(message: Message, fileId: string): void
  report(message: Message): void
  copy(message: Message): void
  pin(message: Message, on: boolean): void
  bookmark(message: Message, on: boolean): void
  markUnread(message: Message): void
  openThread(message: Message): void
  jumpTo(place: Place): void
}

export const ChatContext = createContext<ChatActions | null>(null)

export function useChat(): ChatActions {
  const chat = useContext(ChatContext)
  if (!chat) throw new Error('Not inside of a conversation')
  return chat
}

export const canPin = ({ kind, my_role }: ChatConversation): boolean => kind === 'direct' || my_role !== 'member'
export const canDeleteForAll = ({ my_role, kind }: ChatConversation, message: Message, myId: string): boolean =>
  message.sender.id === myId || (kind !== 'direct' && my_role !== 'member')
