import { type PointerEvent, type SyntheticEvent, useRef } from 'react'

const longMs = 450
/** A finger that moves so far scrolls. */
const slack = 10

/** For fingers: what the pointer shows by hovering, they ask for by staying. */
export function useLongPress(onLongPress: () => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined)
  const end = () => {
    clearTimeout(press.current?.timer)
    press.current = undefined
  }
  return {
    onPointerDown({ pointerType, clientX, clientY }: PointerEvent) {
      end()
      if (pointerType === 'mouse') return
      const timer = setTimeout(() => {
        end()
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
    onContextMenu(event: SyntheticEvent) {
      // The system's own menu for the selected word would lie over ours.
      if (window.matchMedia('(pointer: coarse)').matches) event.preventDefault()
    },
  }
}
