import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ChatMessage } from './message-groups.ts'

/** Closer than this to the newest message counts as being there. */
const nearBottom = 48

interface OlderMessages {
  hasOlder: boolean
  loadOlder: () => void
}

/**
 * The scroller is reversed: `scrollTop` is 0 at the newest message and negative above it. The browser therefore holds the
 * place when older messages appear; only what appears below has to be made up for.
 */
export function useMessageScroll(
  scroller: RefObject<HTMLElement | null>,
  messages: readonly ChatMessage[],
  { hasOlder, loadOlder }: OlderMessages,
) {
  const [isAtBottom, setAtBottom] = useState(true)
  const wasAtBottom = useRef(true)
  const topMark = useRef<HTMLDivElement>(null)
  const newestKey = messages.at(-1)?.key
  const newest = useRef<{ key: string; below: number }>(undefined)

  const onScroll = useCallback(() => {
    const element = scroller.current
    if (!element) return
    wasAtBottom.current = -element.scrollTop < nearBottom
    setAtBottom(wasAtBottom.current)
  }, [scroller])

  const jump = useCallback(() => {
    const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    scroller.current?.scrollTo({ top: 0, behavior: isStill ? 'auto' : 'smooth' })
  }, [scroller])

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element || newestKey === undefined) return
    const last = newest.current
    const isOwnNew = last !== undefined && last.key !== newestKey && messages.at(-1)?.pending != null
    if (isOwnNew) element.scrollTop = 0
    else if (last && !wasAtBottom.current) {
      const added = spaceBelow(element, last.key) - last.below
      // Even setting it to what it is would stop a movement that is under way.
      if (added !== 0) element.scrollTop -= added
    }
    newest.current = { key: newestKey, below: spaceBelow(element, newestKey) }
  }, [scroller, messages, newestKey])

  // The first time: to where reading goes on, when that is not in sight.
  const isLoaded = messages.length > 0
  useLayoutEffect(() => {
    if (!isLoaded) return
    const element = scroller.current
    const divider = element?.querySelector('[data-testid="unread-divider"]')
    if (element && divider) {
      const above = divider.getBoundingClientRect().top - element.getBoundingClientRect().top
      element.scrollTop += Math.min(0, above - element.clientHeight / 3)
    }
    onScroll()
  }, [isLoaded, scroller, onScroll])

  useEffect(() => {
    const mark = topMark.current
    if (!mark || !hasOlder) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && loadOlder(), {
      root: scroller.current,
      rootMargin: '600px 0px 0px 0px',
    })
    observer.observe(mark)
    return () => observer.disconnect()
  })

  return { isAtBottom, onScroll, jump, topMark }
}

/** What lies between the end of a message and the end of all of them. */
function spaceBelow(scroller: HTMLElement, key: string): number {
  const content = scroller.firstElementChild
  const row = scroller.querySelector(`[data-message="${CSS.escape(key)}"]`)
  if (!content || !row) return 0
  return content.getBoundingClientRect().bottom - row.getBoundingClientRect().bottom
}
