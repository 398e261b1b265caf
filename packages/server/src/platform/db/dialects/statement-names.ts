import { createHash } from 'node:crypto'

const kept = 500
const remembered = 2000
const usesBeforeNamed = 3

/**
 * Names for statements that come again, so that the server prepares them once per connection. All lists are bounded:
 * each name keeps memory on the server, and inserts of many rows have a text for each number of rows.
 */
export class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #uses = new Map<string, number>()
  readonly #banned = new Set<string>()

  /** Undefined for a text that is rare, or too many. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    if (this.#names.size >= kept || this.#banned.has(text)) return undefined
    const uses = (this.#uses.get(text) ?? 0) + 1
    if (uses < usesBeforeNamed) {
      if (this.#uses.size >= remembered) this.#uses.clear()
      this.#uses.set(text, uses)
      return undefined
    }
    this.#uses.delete(text)
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 22)
    this.#names.set(text, name)
    return name
  }

  /** This text is sent unnamed from now on. */
  ban(text: string): void {
    this.#names.delete(text)
    if (this.#banned.size >= remembered) this.#banned.clear()
    this.#banned.add(text)
  }
}
