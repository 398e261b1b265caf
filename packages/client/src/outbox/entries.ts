import type { OutboxStorage, Pending } from '../contract.ts'

/**
 * One person's unsent messages. Every change reads what is stored, changes it and writes it back at once, so that two
 * tabs do not overwrite each other's.
 */
export class Entries {
  readonly key: string
  #storage: OutboxStorage
  /** As it was stored when it was read last. */
  #text: string | null = null
  #all: readonly Pending[] = []
  #byConversation = new Map<string, readonly Pending[]>()

  constructor(userId: string, storage: OutboxStorage) {
    this.key = `atrium.outbox.${userId}`
    this.#storage = storage
    this.reload()
  }

  get all(): readonly Pending[] {
    return this.#all
  }

  /** The same array until something changes. */
  of(conversationId: string): readonly Pending[] {
    const known = this.#byConversation.get(conversationId)
    if (known) return known
    const entries = this.#all.filter((entry) => entry.conversationId === conversationId)
    this.#byConversation.set(conversationId, entries)
    return entries
  }

  find(clientId: string): Pending | undefined {
    return this.#all.find((entry) => entry.clientId === clientId)
  }

  put(entry: Pending): void {
    this.reload()
    const known = this.find(entry.clientId) !== undefined
    this.#write(known ? this.#all.map((old) => (old.clientId === entry.clientId ? entry : old)) : [...this.#all, entry])
  }

  /** False when it was not there any more. */
  remove(clientId: string): boolean {
    this.reload()
    const left = this.#all.filter((entry) => entry.clientId !== clientId)
    const removed = left.length < this.#all.length
    if (removed) this.#write(left)
    return removed
  }

  /** Takes over what another tab stored. */
  reload(): void {
    const text = this.#storage.getItem(this.key)
    if (text !== this.#text) this.#hold(text, parse(text))
  }

  #hold(text: string | null, entries: readonly Pending[]): void {
    this.#text = text
    this.#all = entries
    this.#byConversation = new Map()
  }

  #write(entries: readonly Pending[]): void {
    const text = entries.length > 0 ? JSON.stringify(entries) : null
    this.#hold(text, entries)
    try {
      this.#store(text)
    } catch {
      // Full, or forbidden by the browser: from here on the messages live as long as the page.
      this.#storage = memoryStorage()
      this.#store(text)
    }
  }

  #store(text: string | null): void {
    if (text === null) this.#storage.removeItem(this.key)
    else this.#storage.setItem(this.key, text)
  }
}

function parse(text: string | null): Pending[] {
  try {
    const entries: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(entries) ? entries : []
  } catch {
    return []
  }
}

export function memoryStorage(): OutboxStorage {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

/** The page's own storage, where there is one and the browser allows it. */
export function pageStorage(): OutboxStorage | undefined {
  try {
    // Node has a localStorage too, which warns, or writes a file.
    return typeof document === 'undefined' ? undefined : globalThis.localStorage
  } catch {
    return undefined
  }
}
