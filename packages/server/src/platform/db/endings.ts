import type { Db } from './schema.ts'

/** The end of a transaction: what is done there sees all that its units of work have written. */
export interface End {
  tx: Db
  afterCommit(effect: () => unknown): void
}

/** Done once with everything that was gathered for it. */
export type Ending<T> = (end: End, gathered: readonly T[]) => Promise<void>

/** What the units of work of one transaction leave to its end, in the order in which they left it. */
export class Endings {
  readonly #gathered = new Map<Ending<unknown>, unknown[]>()

  add<T>(ending: Ending<T>, item: T): void {
    const items = this.#gathered.get(ending as Ending<unknown>) ?? []
    items.push(item)
    this.#gathered.set(ending as Ending<unknown>, items)
  }

  /** Hands everything on, to where it is gathered for more than this. */
  leaveTo(gather: (ending: Ending<unknown>, item: unknown) => void): void {
    for (const [ending, items] of this.#gathered) for (const item of items) gather(ending, item)
  }

  async run(end: End): Promise<void> {
    for (const [ending, items] of this.#gathered) await ending(end, items)
  }
}
