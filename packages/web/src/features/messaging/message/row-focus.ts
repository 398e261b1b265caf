import type { KeyboardEvent } from 'react'

/** The arrow keys go from message to message. Answers whether the key was one of them. */
export function moveFocus(event: KeyboardEvent<HTMLElement>): boolean {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  const isEnd = event.key === 'Home' || event.key === 'End'
  if (event.altKey || event.ctrlKey || event.metaKey || (step === undefined && !isEnd)) return false
  const log = event.currentTarget.closest('[data-log]')
  const rows = [...(log?.querySelectorAll<HTMLElement>('[data-message]') ?? [])]
  const next = isEnd ? rows.at(event.key === 'Home' ? 0 : -1) : rows[rows.indexOf(event.currentTarget) + (step ?? 0)]
  if (!next) return false
  event.preventDefault()
  next.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest' })
  return true
}
