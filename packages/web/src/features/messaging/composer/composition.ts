import type { Message, Quote } from '@atrium/client'
import { useSyncExternalStore } from 'react'
import { draftPrefix } from '../draft-prefix.ts'

/** What the composer is about, besides a new message. */
export type Composition = { kind: 'reply'; quote: Quote } | { kind: 'edit'; id: string; seq: number; before: string }

const kept = new Map<string, Composition | null>()
const listeners = new Set<() => void>()
const keyOf = (userId: string, place: string) => `${draftPrefix}${userId}:${place}:about`

function read(key: string): Composition | null {
  const known = kept.get(key)
  if (known !== undefined) return known
  let found: Composition | null = null
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (typeof stored === 'object' && stored !== null && 'kind' in stored) found = stored as Composition
  } catch {
    // Without storage it lives as long as the page.
  }
  kept.set(key, found)
  return found
}

export function setComposition(userId: string, place: string, composition: Composition | null): void {
  const key = keyOf(userId, place)
  kept.set(key, composition)
  try {
    if (composition) localStorage.setItem(key, JSON.stringify(composition))
    else localStorage.removeItem(key)
  } catch {
    // As above.
  }
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Which message is answered or edited in this place, kept over reloads like the draft itself. */
export const useComposition = (userId: string, place: string): Composition | null =>
  useSyncExternalStore(subscribe, () => read(keyOf(userId, place)))

export const quoteOf = ({ id, seq, sender, text, attachments, deleted_at }: Message): Quote => ({
  id,
  seq,
  sender,
  text,
  attachments,
  deleted_at,
})

/** Signing out empties the storage; what is in memory goes with it. */
export const forgetCompositions = (): void => kept.clear()
