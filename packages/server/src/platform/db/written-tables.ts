import { defineTopic } from '../events/event-bus.ts'

/** A commit that wrote to tables of which something is kept in memory: who keeps it, in any process, forgets it. */
export const tablesWritten = defineTopic<{ tables: string[] }>('tables.written', { shared: true })

const maxTexts = 2_000

/** Tells which of some tables a statement may have written to: all that it names, unless it only reads. */
export class WrittenTables {
  readonly #names: readonly (readonly [name: string, word: RegExp])[]
  readonly #known = new Map<string, readonly string[]>()

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => [name, new RegExp(`\\b${name}\\b`, 'i')])
  }

  by(sql: string): readonly string[] {
    const known = this.#known.get(sql)
    if (known) return known
    const isRead = /^\s*select\b/i.test(sql)
    const written = isRead ? [] : this.#names.filter(([, word]) => word.test(sql)).map(([name]) => name)
    if (this.#known.size >= maxTexts) this.#known.clear()
    this.#known.set(sql, written)
    return written
  }
}
