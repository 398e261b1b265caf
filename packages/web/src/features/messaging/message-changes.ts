import type { Message, MessageReaction, Reaction } from '@atrium/client'
import { notifyManager, type QueryClient } from '@tanstack/react-query'
import { changeQueries } from '../../app/late-answers.ts'
import { withLastMessage, withoutLastWords } from './conversation-cache.ts'
import {
  type MessagePages,
  reacted,
  withMessage,
  withOwnReaction,
  withoutMessage,
  withReaction,
} from './message-cache.ts'
import {
  arrivals,
  changeConversations,
  changeMessages,
  changeSingle,
  changeThreads,
  messagesQuery,
  pinsQuery,
  readMessages,
} from './queries.ts'

/** Takes in a new or changed message, whichever way it came, wherever it is shown. */
export function takeMessage(cache: QueryClient, message: Message, myId: string): void {
  const { conversation_id: id } = message
  const before = readMessages(cache, id).find((each) => each.id === message.id)
  arrivals.add(message)
  // Shown at once: a message that is there before its conversation knows of it would count as unread for a moment.
  notifyManager.batch(() => {
    changeMessages(cache, id, (pages) => withMessage(pages, message))
    if (message.thread_id) changeThread(cache, message)
    changeSingle(cache, id, message.id, (known) => (known.version < message.version ? message : known))
    changeConversations(cache, (pages) => withLastMessage(pages, message, myId))
  })
  const mayBePinned = message.version > 1 && (!before || before.pinned || message.pinned)
  if (mayBePinned) void cache.invalidateQueries({ queryKey: pinsQuery(id).queryKey })
}

function changeThread(cache: QueryClient, message: Message): void {
  const queryKey = ['thread', message.conversation_id, message.thread_id]
  changeQueries<MessagePages>(cache, { queryKey, exact: true }, (pages) => withMessage(pages, message))
}

export function takeReaction(cache: QueryClient, event: MessageReaction, myId: string): void {
  const { conversation_id: id } = event
  notifyManager.batch(() => {
    changeMessages(cache, id, (pages) => withReaction(pages, event, myId))
    changeThreads(cache, id, (pages) => withReaction(pages, event, myId))
    changeSingle(cache, id, event.message_id, (known) => reacted(known, event, myId))
  })
}

/** What the server answered to one's own reaction. */
export function takeOwnReaction(
  cache: QueryClient,
  { id, conversation_id }: Message,
  emoji: string,
  all: readonly Reaction[] | undefined,
): void {
  notifyManager.batch(() => {
    changeMessages(cache, conversation_id, (pages) => withOwnReaction(pages, id, emoji, all))
    changeThreads(cache, conversation_id, (pages) => withOwnReaction(pages, id, emoji, all))
  })
}

/** Deleted for this person only. */
export function hideMessage(
  cache: QueryClient,
  { id, conversation_id }: Pick<Message, 'id' | 'conversation_id'>,
): void {
  notifyManager.batch(() => {
    changeMessages(cache, conversation_id, (pages) => withoutMessage(pages, id))
    changeThreads(cache, conversation_id, (pages) => withoutMessage(pages, id))
    changeConversations(cache, (pages) => withoutLastWords(pages, conversation_id, id))
  })
  const isEmpty = readMessages(cache, conversation_id).length === 0
  if (isEmpty) void cache.invalidateQueries({ queryKey: messagesQuery(conversation_id).queryKey })
}
