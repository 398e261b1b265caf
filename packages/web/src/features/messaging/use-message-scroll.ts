import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ChatMessage } from './message-groups.ts'
import { firstRow } from './rows-in-order.ts'

/** Closer than this to the newest message counts as being there. */
const nearBottom = 48
/** So far before its end the next part of the conversation is fetched. */
const ahead = '700px'

interface Ends {
  hasOlder: boolean
  loadOlder: () => void
  /** The newest message is not among those that are loaded. */
  hasNewer: boolean
  canLoadNewer: boolean
  loadNewer: () => void
}

/** A message that is in sight, and where; what happens around it must not move it. */
interface Anchor {
  key: string
  top: number
}

/**
 * The scroller is reversed: `scrollTop` is 0 at the newest message and negative above it. Messages come and go at both
 * ends of the loaded part; whatever does, the one that is read stays where it is.
 */
export function useMessageScroll(
  scroller: RefObject<HTMLElement | null>,
  messages: readonly ChatMessage[],
  ends: Ends,
) {
  const [isAtBottom, setAtBottom] = useState(true)
  const anchor = useRef<Anchor | 'bottom'>('bottom')
  const topMark = useRef<HTMLDivElement>(null)
  const bottomMark = useRef<HTMLDivElement>(null)
  const newestKey = messages.at(-1)?.key
  const lastNewest = useRef<string>(undefined)
  const { hasNewer } = ends

  const onScroll = useCallback(() => {
    const element = scroller.current
    if (!element) return
    const isThere = -element.scrollTop < nearBottom && !hasNewer
    anchor.current = isThere ? 'bottom' : (topRow(element) ?? 'bottom')
    setAtBottom(isThere)
  }, [scroller, hasNewer])

  const toBottom = useCallback(() => {
    const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    scroller.current?.scrollTo({ top: 0, behavior: isStill ? 'auto' : 'smooth' })
  }, [scroller])

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const isOwnNew = lastNewest.current !== undefined && lastNewest.current !== newestKey && messages.at(-1)?.pending
    lastNewest.current = newestKey
    if (isOwnNew) element.scrollTop = 0
    else if (anchor.current !== 'bottom') {
      const row = rowOf(element, anchor.current.key)
      const moved = row ? topOf(row, element) - anchor.current.top : 0
      // Even setting it to what it is would stop a movement that is under way.
      if (Math.abs(moved) >= 1) element.scrollTop += moved
    }
    onScroll()
  }, [scroller, messages, newestKey, onScroll])

  // The first time: to where reading goes on, when that is not in sight.
  const isLoaded = messages.length > 0
  useLayoutEffect(() => {
    if (!isLoaded) return
    const element = scroller.current
    const divider = element?.querySelector('[data-testid="unread-divider"]')
    if (element && divider) {
      element.scrollTop += Math.min(0, topOf(divider, element) - element.clientHeight / 3)
    }
    onScroll()
  }, [isLoaded, scroller, onScroll])

  useReach(scroller, topMark, ends.hasOlder, ends.loadOlder)
  useReach(scroller, bottomMark, ends.canLoadNewer, ends.loadNewer)

  return { isAtBottom, onScroll, toBottom, topMark, bottomMark }
}

/** Calls when the mark comes near to what is in sight. */
function useReach(
  scroller: RefObject<HTMLElement | null>,
  mark: RefObject<HTMLElement | null>,
  isWanted: boolean,
  reached: () => void,
): void {
  useEffect(() => {
    if (!mark.current || !isWanted) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && reached(), {
      root: scroller.current,
      rootMargin: `${ahead} 0px ${ahead} 0px`,
    })
    observer.observe(mark.current)
    return () => observer.disconnect()
  })
}

const topOf = (element: Element, scroller: Element): number =>
  element.getBoundingClientRect().top - scroller.getBoundingClientRect().top

export const rowOf = (scroller: Element, key: string): HTMLElement | null =>
  scroller.querySelector<HTMLElement>(`[data-message="${CSS.escape(key)}"]`)

/** The first row that is in sight. */
function topRow(scroller: Element): Anchor | undefined {
  const rows = scroller.querySelectorAll<HTMLElement>('[data-message]')
  const edge = scroller.getBoundingClientRect().top
  const row =
    rows[
      Math.min(
        firstRow(rows, (each) => each.getBoundingClientRect().bottom > edge),
        rows.length - 1,
      )
    ]
  return row && { key: row.dataset.message ?? '', top: row.getBoundingClientRect().top - edge }
}
