import { useSyncExternalStore } from 'react'

const prefix = 'atrium-draft:'
const keyOf = (userId: string, conversationId: string) => `${prefix}${userId}:${conversationId}`

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

/** What a person has begun to write and not sent, kept for each conversation across reloads. */
export function useDraft(userId: string, conversationId: string): [string, (text: string) => void] {
  const key = keyOf(userId, conversationId)
  const draft = useSyncExternalStore(subscribe, () => read(key))
  return [draft, (text) => write(key, text)]
}

/** Leaving on purpose takes one's unsent words along. */
export function forgetDrafts(): void {
  drafts.clear()
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index))
    for (const key of keys) if (key?.startsWith(prefix)) localStorage.removeItem(key)
  } catch {
    // There is nothing to forget.
  }
}
