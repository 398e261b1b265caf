import type { Conversation, Message } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useCallback, useEffect, useRef } from 'react'
import { client } from '../../app/client.ts'
import { unreadAfter, withReadPosition } from './conversation-cache.ts'
import { changeConversations } from './queries.ts'

/** Marks as read what is on the screen while the person looks at it. Answers the function to call after scrolling. */
export function useReadMark(
  scroller: RefObject<HTMLElement | null>,
  conversation: Conversation,
  messages: readonly Message[],
): () => void {
  const cache = useQueryClient()
  const told = useRef(conversation.last_read_seq)

  const mark = useCallback(() => {
    const element = scroller.current
    if (!element || document.visibilityState !== 'visible' || !document.hasFocus()) return
    const seq = lastVisibleSeq(element)
    if (seq === undefined || seq <= Math.max(told.current, conversation.last_read_seq)) return
    const previous = told.current
    told.current = seq
    const position = { last_read_seq: seq, unread_count: unreadAfter(conversation, seq, [...messages]) ?? 0 }
    changeConversations(cache, (pages) => withReadPosition(pages, conversation.id, position))
    client.conversations.markRead(conversation.id, seq).catch(() => {
      // The next look at the conversation tells it again.
      told.current = Math.min(told.current, previous)
    })
  }, [scroller, conversation, messages, cache])

  useEffect(() => {
    mark()
    const stopLive = client.live.subscribe((state) => state === 'live' && mark())
    window.addEventListener('focus', mark)
    document.addEventListener('visibilitychange', mark)
    return () => {
      stopLive()
      window.removeEventListener('focus', mark)
      document.removeEventListener('visibilitychange', mark)
    }
  }, [mark])

  return mark
}

function lastVisibleSeq(scroller: HTMLElement): number | undefined {
  const edge = scroller.getBoundingClientRect().bottom
  const rows = [...scroller.querySelectorAll<HTMLElement>('[data-seq]')]
  const row = rows.findLast((each) => each.getBoundingClientRect().top < edge - 8)
  return row ? Number(row.dataset.seq) : undefined
}
