import { type PointerEvent, type SyntheticEvent, type TouchEvent, useRef } from 'react'

const longMs = 450
/** A finger that moves so far scrolls. */
const slack = 10

/** For fingers: what the pointer shows by hovering, they ask for by staying. */
export function useLongPress(onLongPress: () => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined)
  const wasLong = useRef(false)
  const end = () => {
    clearTimeout(press.current?.timer)
    press.current = undefined
  }
  return {
    onPointerDown({ pointerType, clientX, clientY }: PointerEvent) {
      end()
      wasLong.current = false
      if (pointerType === 'mouse') return
      const timer = setTimeout(() => {
        end()
        wasLong.current = true
        onLongPress()
      }, longMs)
      press.current = { timer, x: clientX, y: clientY }
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      const from = press.current
      if (from && Math.hypot(clientX - from.x, clientY - from.y) > slack) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    onTouchEnd(event: TouchEvent) {
      // Else the lifted finger counts as a click beside what it has just opened.
      if (wasLong.current && event.cancelable) event.preventDefault()
    },
    onContextMenu(event: SyntheticEvent) {
      // The system's own menu for the selected word would lie over ours.
      if (window.matchMedia('(pointer: coarse)').matches) event.preventDefault()
    },
  }
}
