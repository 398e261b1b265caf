import type { Logger } from '../../log.ts'
import { pause } from '../time-limit.ts'
import { DatabaseUnavailableError } from './dialect.ts'

export interface ServersOptions<Pools> {
  /** One for each server, in the order in which they are taken. */
  urls: readonly string[]
  log: Logger
  open(url: string): Pools
  close(pools: Pools): Promise<unknown>
  /**
   * How far the history of a server goes that takes writes: of several that do, one that was promoted goes further than
   * the one it has followed. Throws for a server that takes none, or is not there.
   */
  look(url: string): Promise<number>
}

const lookAgainMs = 250

/**
 * The servers of one database, of which one takes writes at a time: a primary and its standbys, or the nodes of a
 * cluster. All work goes to one of them until it is of no use; then all are looked at, again and again, until one takes
 * writes. Its connections are new ones, so none is kept that leads to a server that only reads.
 */
export class Servers<Pools> {
  readonly #options: ServersOptions<Pools>
  #url: string
  #pools: Pools
  #seeking: Promise<void> | undefined
  #isClosed = false

  constructor(options: ServersOptions<Pools>) {
    this.#options = options
    this.#url = options.urls[0] ?? ''
    this.#pools = options.open(this.#url)
  }

  get pools(): Pools {
    return this.#pools
  }

  get areSeveral(): boolean {
    return this.#options.urls.length > 1
  }

  /** Looks for the one that takes writes, once. */
  async choose(): Promise<void> {
    if (this.areSeveral && !(await this.#look()))
      throw new DatabaseUnavailableError('No server of the database can be reached and takes writes.')
  }

  /** The present one was of no use, to somebody at least. */
  doubt(): void {
    if (!this.areSeveral || this.#isClosed) return
    this.#seeking ??= this.#seek().finally(() => {
      this.#seeking = undefined
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#options.close(this.#pools)
  }

  async #seek(): Promise<void> {
    while (!this.#isClosed && !(await this.#look())) await pause(lookAgainMs)
    // Whoever failed meanwhile says so once more; what is well is not looked at without rest.
    await pause(lookAgainMs)
  }

  /** True when there is one. */
  async #look(): Promise<boolean> {
    const { urls, look, log } = this.#options
    const seen = await Promise.all(
      urls.map((url) =>
        look(url).then(
          (reach) => ({ url, reach }),
          () => undefined,
        ),
      ),
    )
    const writable = seen.filter((each) => each !== undefined)
    const furthest = Math.max(...writable.map(({ reach }) => reach))
    const best = writable.filter(({ reach }) => reach === furthest)
    const chosen = best.find(({ url }) => url === this.#url) ?? best[0]
    if (chosen && chosen.url !== this.#url && !this.#isClosed) {
      log.warn({ server: new URL(chosen.url).host }, 'the database is written to at another server from now on')
      this.#moveTo(chosen.url)
    }
    return chosen !== undefined
  }

  #moveTo(url: string): void {
    const old = this.#pools
    this.#url = url
    this.#pools = this.#options.open(url)
    this.#options.close(old).catch(() => {})
  }
}
