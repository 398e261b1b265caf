import { type ApiError, NetworkError } from '../errors.ts'
import type { DataChange } from '../events.ts'
import { backoff, sleep } from '../http/delays.ts'
import type { RowHandlers } from '../tables.ts'

export interface Wanted {
  table: string
  filter?: object
  fields?: readonly PropertyKey[]
  numbers?: 'string'
}

interface RowSubscriptionOptions {
  wanted: Wanted
  handlers: RowHandlers<Record<string, unknown>, string | readonly string[]>
  isLive(): boolean
  report(error: unknown): void
}

const firstDelayMs = 500
const longestDelayMs = 15_000

/** One table as the app follows it, across connections: what it is told, in order, and how far it has come. */
export class RowSubscription {
  readonly wanted: Wanted
  readonly #options: RowSubscriptionOptions
  readonly #closing = new AbortController()
  /** The connection it was last asked for on. */
  askedOn: number | undefined
  #cursor: string | undefined
  /** Grows when what is held becomes worth nothing: what was told before is not handed on any more. */
  #round = 0
  #line: Promise<void> = Promise.resolve()

  constructor(options: RowSubscriptionOptions) {
    this.#options = options
    this.wanted = options.wanted
  }

  /** Where to go on from. Absent: from now on, after loading. */
  get cursor(): string | undefined {
    return this.#cursor
  }

  get signal(): AbortSignal {
    return this.#closing.signal
  }

  /** From `cursor` on, on top of what is loaded now. */
  begin(cursor: string): void {
    this.#cursor = cursor
    this.#round += 1
    this.#enqueue(() => this.#load())
  }

  /** Moves the place at once: what stands in line reaches the app, whatever becomes of the connection. */
  take(told: DataChange): void {
    this.#cursor = told.cursor
    this.#enqueue(() => this.#tell(told))
  }

  /** What still stands in line is not handed on: it is not for this person any more. */
  end(reason: string, error?: ApiError): void {
    const { handlers, report } = this.#options
    this.close()
    const told = async () => {
      if (handlers.ended) await handlers.ended(reason, error)
      else if (error) report(error)
    }
    void this.#line.then(told).catch(report)
  }

  close(): void {
    this.#closing.abort()
  }

  async wait(tries: number, ms: number = backoff(tries, firstDelayMs, longestDelayMs)): Promise<void> {
    await sleep(ms, this.signal).catch(() => {})
  }

  async #load(): Promise<void> {
    const { handlers, isLive, report } = this.#options
    const round = this.#round
    for (let tries = 0; round === this.#round && !this.signal.aborted; tries++) {
      try {
        return await handlers.load?.()
      } catch (error) {
        if (!(error instanceof NetworkError)) report(error)
      }
      if (!isLive()) {
        // The next connection begins anew.
        this.#cursor = undefined
        this.#round += 1
        return
      }
      await this.wait(tries)
    }
  }

  async #tell({ action, key: path, record = {}, changed }: DataChange): Promise<void> {
    const { handlers } = this.#options
    const change = { key: keyOf(path), path, changed }
    if (action === 'delete') await handlers.delete?.(change)
    else await handlers[action]?.(record, change)
  }

  #enqueue(work: () => void | Promise<void>): void {
    const round = this.#round
    this.#line = this.#line.then(async () => {
      if (round !== this.#round || this.signal.aborted) return
      try {
        await work()
      } catch (error) {
        this.#options.report(error)
      }
    })
  }
}

/** A comma at the end only tells a key from the name of a route. */
function keyOf(path: string): string | readonly string[] {
  const parts = path
    .replace(/(?<=.),$/, '')
    .split(',')
    .map(decodeURIComponent)
  return parts.length === 1 ? (parts[0] ?? '') : parts
}
