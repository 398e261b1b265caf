let open = false
const listeners = new Set<() => void>()

export const isSearchOpen = (): boolean => open

/** Opens or closes the search from wherever there is a button for it. */
export function setSearchOpen(next: boolean): void {
  open = next
  for (const listener of listeners) listener()
}

export function subscribeSearch(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
