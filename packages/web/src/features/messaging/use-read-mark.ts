import type { Conversation, Message } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useCallback, useEffect } from 'react'
import { findConversation, unreadAfter, withReadPosition } from './conversation-cache.ts'
import { changeConversations, readConversations } from './queries.ts'
import { tellReadPosition } from './read-positions.ts'
import { firstRow } from './rows-in-order.ts'

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
    // From the cache: what was rendered may be a moment older than the message that has just been sent.
    const known = findConversation(readConversations(cache), id)
    // Before the rows are measured: whoever scrolls through older messages has mostly read all that is there.
    if (!known || (messages.at(-1)?.seq ?? 0) <= known.last_read_seq) return
    const seq = lastVisibleSeq(element)
    if (seq === undefined || seq <= known.last_read_seq) return
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
  const rows = scroller.querySelectorAll<HTMLElement>('[data-seq]')
  const below = firstRow(rows, (row) => row.getBoundingClientRect().top >= edge - 8)
  const row = rows[below - 1]
  return row ? Number(row.dataset.seq) : undefined
}
