import { randomInt } from 'node:crypto'

/** What this run's randomness grows from; ATRIUM_FAULT_SEED repeats one that failed. */
export const seed = Number(process.env.ATRIUM_FAULT_SEED ?? randomInt(2 ** 31))

/** Numbers that a seed repeats. Each actor has its own, so that one's pace does not change another's choices. */
export class Chance {
  #state: number

  constructor(name: string) {
    this.#state = seed
    for (const letter of name) this.#state = Math.imul(this.#state ^ letter.charCodeAt(0), 0x01000193)
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  happens(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T
  }
}
