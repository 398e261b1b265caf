import { type RefObject, useCallback, useEffect, useState } from 'react'
import type { Range } from './use-rows.ts'

export const rowHeight = 42
/** Rows above and below what is in sight, so that scrolling does not show their absence. */
const around = 8

/** Which of many rows of one height are in sight. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number): Range & { look: () => void } {
  const [range, setRange] = useState<Range>({ first: 0, last: 30 })
  const look = useCallback(() => {
    const element = scroller.current
    if (!element) return
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - around)
    const last = Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + around
    setRange((before) => (before.first === first && before.last === last ? before : { first, last }))
  }, [scroller])
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller, look])
  const last = Math.max(0, Math.min(range.last, count - 1))
  return { first: Math.min(range.first, last), last, look }
}
