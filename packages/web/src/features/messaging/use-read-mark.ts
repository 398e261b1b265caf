import type { Conversation, Message } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useCallback, useEffect } from 'react'
import { findConversation, unreadAfter, withReadPosition } from './conversation-cache.ts'
import { changeConversations, readConversations } from './queries.ts'
import { tellReadPosition } from './read-positions.ts'

/** Marks as read what is on the screen while the person looks at it. Answers the function to call after scrolling. */
export function useReadMark(
  scroller: RefObject<HTMLElement | null>,
  { id }: Conversation,
  messages: readonly Message[],
): () => void {
  const cache = useQueryClient()

  const mark = useCallback(() => {
    const element = scroller.current
    if (!element || document.visibilityState !== 'visible' || !document.hasFocus()) return
    const seq = lastVisibleSeq(element)
    // From the cache: what was rendered may be a moment older than the message that has just been sent.
    const known = findConversation(readConversations(cache), id)
    if (!known || seq === undefined || seq <= known.last_read_seq) return
    const position = { last_read_seq: seq, unread_count: unreadAfter(known, seq, messages) ?? 0 }
    changeConversations(cache, (pages) => withReadPosition(pages, id, position))
    tellReadPosition(id, seq)
  }, [scroller, id, messages, cache])

  useEffect(() => {
    mark()
    window.addEventListener('focus', mark)
    document.addEventListener('visibilitychange', mark)
    return () => {
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
