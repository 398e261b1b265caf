import { useSyncExternalStore } from 'react'
import { forgetUploads } from './attachments/uploads.ts'
import { forgetCompositions } from './composer/composition.ts'
import { draftPrefix } from './draft-prefix.ts'

const keyOf = (userId: string, place: string) => `${draftPrefix}${userId}:${place}`

// Kept in memory as well: storage may be switched off, and reading it at each render is slow.
const drafts = new Map<string, string>()
const listeners = new Set<() => void>()

function read(key: string): string {
  const known = drafts.get(key)
  if (known !== undefined) return known
  let kept = ''
  try {
    kept = localStorage.getItem(key) ?? ''
  } catch {
    // Without storage a draft lives as long as the page.
  }
  drafts.set(key, kept)
  return kept
}

function write(key: string, text: string): void {
  drafts.set(key, text)
  try {
    if (text) localStorage.setItem(key, text)
    else localStorage.removeItem(key)
  } catch {
    // As above; a full storage is no reason to stop someone from writing.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What a person has begun to write and not sent, kept for each place (a conversation, a thread) across reloads. */
export function useDraft(userId: string, place: string): [string, (text: string) => void] {
  const key = keyOf(userId, place)
  const draft = useSyncExternalStore(subscribe, () => read(key))
  return [draft, (text) => write(key, text)]
}

/** Writes a draft from outside of the field it stands in. */
export const setDraft = (userId: string, place: string, text: string): void => write(keyOf(userId, place), text)

/** Leaving on purpose takes one's unsent words along. */
export function forgetDrafts(): void {
  drafts.clear()
  forgetCompositions()
  forgetUploads()
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index))
    for (const key of keys) if (key?.startsWith(draftPrefix)) localStorage.removeItem(key)
  } catch {
    // There is nothing to forget.
  }
}
