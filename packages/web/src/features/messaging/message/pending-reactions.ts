import type { Message, Reaction } from '@atrium/client'
import { useSyncExternalStore } from 'react'
import { toggled } from '../message-cache.ts'

/** Own reactions that the server has not answered yet, shown as if it had. By message, then by emoji. */
let waiting: ReadonlyMap<string, ReadonlyMap<string, boolean>> = new Map()
const listeners = new Set<() => void>()
const none: ReadonlyMap<string, boolean> = new Map()

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** `undefined` when the answer came: from here on the message itself says how it is. */
export function setWaiting(messageId: string, emoji: string, on: boolean | undefined): void {
  const next = new Map(waiting.get(messageId))
  if (on === undefined) next.delete(emoji)
  else next.set(emoji, on)
  const all = new Map(waiting)
  if (next.size === 0) all.delete(messageId)
  else all.set(messageId, next)
  waiting = all
  for (const listener of listeners) listener()
}

export const shownReactions = (message: Message): Reaction[] =>
  [...(waiting.get(message.id) ?? none)].reduce<Reaction[]>(
    (reactions, [emoji, on]) => toggled(reactions, emoji, on),
    message.reactions,
  )

export function useReactions(message: Message): Reaction[] {
  useSyncExternalStore(subscribe, () => waiting.get(message.id) ?? none)
  return shownReactions(message)
}

const key = 'atrium-emoji'
const usual = ['👍', '❤️', '😂', '🎉', '😮', '😢']
const mostRecent = 18

/** The emoji one chose last, then the usual ones. */
export function recentEmoji(): string[] {
  let recent: unknown
  try {
    recent = JSON.parse(localStorage.getItem(key) ?? '[]')
  } catch {
    // Without storage the usual ones have to do.
  }
  const known = Array.isArray(recent) ? recent.filter((each) => typeof each === 'string') : []
  return [...new Set([...known, ...usual])].slice(0, mostRecent)
}

export function rememberEmoji(emoji: string): void {
  try {
    localStorage.setItem(key, JSON.stringify([...new Set([emoji, ...recentEmoji()])].slice(0, mostRecent)))
  } catch {
    // As above.
  }
}
