import { useSyncExternalStore } from 'react'

/** A little longer than the server waits before it says that somebody has stopped. */
const lastsMs = 7_000
const nobody: readonly string[] = []

/** Who is typing where, as the server tells. */
class Typists {
  #byConversation = new Map<string, readonly string[]>()
  readonly #ends = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #listeners = new Set<() => void>()

  of(conversationId: string): readonly string[] {
    return this.#byConversation.get(conversationId) ?? nobody
  }

  tell({ conversation_id: id, user_id, on }: { conversation_id: string; user_id: string; on: boolean }): void {
    const key = `${id} ${user_id}`
    clearTimeout(this.#ends.get(key))
    this.#ends.delete(key)
    const others = this.of(id).filter((each) => each !== user_id)
    this.#byConversation.set(id, on ? [...others, user_id] : others)
    if (on) {
      const end = setTimeout(() => this.tell({ conversation_id: id, user_id, on: false }), lastsMs)
      this.#ends.set(key, end)
    }
    for (const listener of this.#listeners) listener()
  }

  clear(): void {
    for (const end of this.#ends.values()) clearTimeout(end)
    this.#ends.clear()
    this.#byConversation = new Map()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

export const typists = new Typists()

export const useTypists = (conversationId: string): readonly string[] =>
  useSyncExternalStore(typists.subscribe, () => typists.of(conversationId))
