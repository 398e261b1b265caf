import type { Conversation, Message } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { changeQueries } from '../../app/late-answers.ts'
import { useUser } from '../../app/session.ts'
import type { ChatActions, Place } from './chat-actions.ts'
import { quoteOf, setComposition } from './composer/composition.ts'
import { withUnread } from './conversation-cache.ts'
import { setDraft } from './drafts.ts'
import { plainWords } from './message/markdown.ts'
import { rememberEmoji, setWaiting, shownReactions } from './message/pending-reactions.ts'
import { takeMessage, takeOwnReaction } from './message-changes.ts'
import { bookmarksQuery, changeConversations, pinsQuery } from './queries.ts'

export type ChatDialog =
  | { kind: 'delete' | 'history' | 'readers' | 'report'; message: Message }
  | { kind: 'picture'; message: Message; fileId: string }

interface Surroundings {
  /** Where a reply or an edit is written: the conversation itself, or a thread. */
  place: string
  say: (text: string, isFailure?: boolean) => void
  open: (dialog: ChatDialog) => void
  jumpTo: (place: Place) => void
}

/** The same object until another conversation is open, so that no row is rendered anew for it. */
export function useChatActions({ id, kind, my_role, posting }: Conversation, around: Surroundings): ChatActions {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const me = useUser()
  const { place, say, open, jumpTo } = around
  return useMemo((): ChatActions => {
    const attempt = (work: Promise<unknown>) => work.catch((error: unknown) => say(explainError(error, t), true))

    async function react(message: Message, emoji: string): Promise<void> {
      const on = !shownReactions(message).some((each) => each.emoji === emoji && each.mine)
      if (on) rememberEmoji(emoji)
      setWaiting(message.id, emoji, on)
      try {
        takeOwnReaction(cache, message, emoji, await client.messages.react(message.id, emoji, on))
      } catch (error) {
        say(t('chat.reactFailed', { emoji, reason: explainError(error, t) }), true)
      } finally {
        setWaiting(message.id, emoji, undefined)
      }
    }

    async function pin(message: Message, on: boolean): Promise<void> {
      await client.conversations.pin(id, message.id, on)
      takeMessage(cache, await client.messages.get(message.id), me.id)
      await cache.invalidateQueries({ queryKey: pinsQuery(id).queryKey })
      say(on ? t('chat.pinDone') : t('chat.unpinDone'))
    }

    async function bookmark(message: Message, on: boolean): Promise<void> {
      await client.messages.bookmark(message.id, on)
      changeQueries<Message[]>(cache, { queryKey: bookmarksQuery.queryKey, exact: true }, (known) => {
        const others = known.filter((each) => each.id !== message.id)
        return on ? [message, ...others] : others
      })
      say(on ? t('chat.bookmarkDone') : t('chat.unbookmarkDone'))
    }

    async function markUnread(message: Message): Promise<void> {
      const position = await client.conversations.markUnread(id, message.seq)
      // Looking at it would make it read again.
      await navigate({ to: '/messages' })
      changeConversations(cache, (pages) => withUnread(pages, id, position))
    }

    async function copy(message: Message): Promise<void> {
      await navigator.clipboard.writeText(plainWords(message.text, message.format))
      say(t('chat.copyDone'))
    }

    return {
      conversation: { id, kind, my_role, posting },
      myId: me.id,
      t,
      reply: (message) => setComposition(me.id, place, { kind: 'reply', quote: quoteOf(message) }),
      edit(message) {
        setDraft(me.id, `${place}:edit`, message.text)
        setComposition(me.id, place, { kind: 'edit', id: message.id, seq: message.seq, before: message.text })
      },
      react: (message, emoji) => void react(message, emoji),
      askToDelete: (message) => open({ kind: 'delete', message }),
      showHistory: (message) => open({ kind: 'history', message }),
      showReaders: (message) => open({ kind: 'readers', message }),
      showPicture: (message, fileId) => open({ kind: 'picture', message, fileId }),
      report: (message) => open({ kind: 'report', message }),
      copy: (message) => void copy(message).catch(() => say(t('chat.copyFailed'), true)),
      pin: (message, on) => void attempt(pin(message, on)),
      bookmark: (message, on) => void attempt(bookmark(message, on)),
      markUnread: (message) => void attempt(markUnread(message)),
      openThread: (message) =>
        void navigate({
          to: '/messages/$conversationId',
          params: { conversationId: id },
          search: { thread: message.thread_id ?? message.id },
        }),
      jumpTo,
    }
  }, [id, kind, my_role, posting, me.id, place, say, open, jumpTo, cache, navigate, t])
}
