import type { Envelope, SyncAnswer, SyncRequest } from '../types.ts'

/** What the engine hands on to. None of these rejects: errors of the app are reported where they happen. */
export interface StreamSink {
  apply(event: Envelope): Promise<void>
  added(stream: string, head: number): Promise<void>
  reset(stream: string, head: number): Promise<void>
  removed(stream: string): Promise<void>
}

export interface StreamEngineOptions {
  sink: StreamSink
  sync(request: SyncRequest): Promise<SyncAnswer>
  /** A sync outside `connected` failed: the connection is worth nothing any more. */
  failed(error: unknown): void
  gapMs?: number
}

interface Stream {
  /** Seq of the last event the app has: what is sent to the server. */
  applied: number
  /** Seq of the last event in line for the app. */
  accepted: number
  /** Events that came before their predecessors. */
  readonly ahead: Map<number, Envelope>
}

/** As many as one answer may hold: catching up takes the fewest requests. */
const pageSize = 500

/**
 * Turns what a socket delivers, late, twice or not at all, into each stream's events, each once and in order
 * (api.md 10.1, rules 8 to 15). Positions outlive connections.
 */
export class StreamEngine {
  readonly #options: StreamEngineOptions
  readonly #streams = new Map<string, Stream>()
  /** What the app is told of each stream, one after the other; also across a removal and a new beginning. */
  readonly #lines = new Map<string, Promise<void>>()
  #epoch: string | undefined
  /** Grows when a connection ends: what was started before must not touch what comes after. */
  #connection = 0
  #state: 'down' | 'syncing' | 'up' = 'down'
  /** Events that wait for the end of a full sync. */
  #held: Envelope[] = []
  #gapTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: StreamEngineOptions) {
    this.#options = options
  }

  /** Of every stream, the seq of the last event the app has. */
  get positions(): Record<string, number> {
    return Object.fromEntries([...this.#streams].map(([name, { applied }]) => [name, applied]))
  }

  /** The server listens: catch up. Resolves when the app has what it missed; rejects when a sync fails. */
  async connected(): Promise<void> {
    await this.#syncAll(this.#connection)
  }

  disconnected(): void {
    this.#connection += 1
    this.#state = 'down'
    this.#held = []
    clearTimeout(this.#gapTimer)
    this.#gapTimer = undefined
    for (const stream of this.#streams.values()) stream.ahead.clear()
  }

  /** Forgets all streams: another person signed in. */
  clear(): void {
    this.disconnected()
    this.#streams.clear()
    this.#lines.clear()
    this.#epoch = undefined
  }

  receive(event: Envelope): void {
    if (this.#state === 'up' && this.#streams.has(event.stream)) {
      this.#offer(event)
      return
    }
    this.#held.push(event)
    // A stream nobody told of: the full sync says what it is.
    if (this.#state === 'up') this.#inBackground(this.#syncAll(this.#connection))
  }

  #inBackground(work: Promise<void>): void {
    const connection = this.#connection
    work.catch((error: unknown) => {
      if (connection === this.#connection) this.#options.failed(error)
    })
  }

  async #syncAll(connection: number): Promise<void> {
    this.#state = 'syncing'
    for (;;) {
      const before = this.#held
      this.#held = []
      // What came out of order was committed before it was sent: the sync answers it.
      for (const stream of this.#streams.values()) stream.ahead.clear()
      while (await this.#page(connection)) {}
      if (connection !== this.#connection) return
      const during = this.#held
      this.#held = []
      for (const event of [...before, ...during]) if (this.#streams.has(event.stream)) this.#offer(event)
      // A stream that came up while the server was answering is in its next answer.
      this.#held = during.filter(({ stream }) => !this.#streams.has(stream))
      if (this.#held.length === 0) break
    }
    this.#state = 'up'
  }

  /** One request and its answer, applied. True when there is more to ask for. */
  async #page(connection: number, only?: string[]): Promise<boolean> {
    const positions = this.positions
    const named = only ? Object.fromEntries(only.map((name) => [name, positions[name] ?? 0])) : positions
    const answer = await this.#options.sync({
      ...(this.#epoch === undefined ? {} : { epoch: this.#epoch }),
      streams: named,
      ...(only ? { only: true } : {}),
      limit: pageSize,
    })
    if (connection !== this.#connection) return false
    // In another epoch all streams begin anew, not only those that were asked for.
    if (only && answer.epoch !== this.#epoch) return false
    this.#epoch = answer.epoch

    for (const name of answer.removed) this.#remove(name)
    for (const name of answer.reset) this.#begin(name, answer.heads[name] ?? 0, 'reset')
    for (const name of answer.added) this.#begin(name, answer.heads[name] ?? 0, 'added')
    for (const event of answer.events) this.#offer(event)
    const touched = new Set(answer.events.map((event) => event.stream))
    await Promise.all([...touched].map((name) => this.#lineOf(name)))
    if (answer.more && touched.size === 0) throw new Error('The server says there is more and sends nothing')
    return answer.more && connection === this.#connection
  }

  /** The head counts from now on; the app loads what came before it. */
  #begin(name: string, head: number, how: 'added' | 'reset'): void {
    const early = this.#streams.get(name)?.ahead.values() ?? []
    // A new object: what is still in line for the old one must not move the new position.
    this.#streams.set(name, { applied: head, accepted: head, ahead: new Map() })
    this.#enqueue(name, () => this.#options.sink[how](name, head))
    for (const event of early) this.#offer(event)
  }

  #remove(name: string): void {
    if (this.#streams.delete(name)) this.#enqueue(name, () => this.#options.sink.removed(name))
  }

  /** Rule 15: drop what is known, take what is next, wait a little for what is missing. */
  #offer(event: Envelope): void {
    const stream = this.#streams.get(event.stream)
    if (!stream || event.seq <= stream.accepted) return
    stream.ahead.set(event.seq, event)
    let next = stream.ahead.get(stream.accepted + 1)
    while (next) {
      stream.ahead.delete(next.seq)
      this.#accept(stream, next)
      next = stream.ahead.get(stream.accepted + 1)
    }
    if (stream.ahead.size > 0 && !this.#gapTimer) {
      this.#gapTimer = setTimeout(() => this.#inBackground(this.#closeGaps()), this.#options.gapMs ?? 200)
    }
  }

  #accept(stream: Stream, event: Envelope): void {
    stream.accepted = event.seq
    this.#enqueue(event.stream, async () => {
      if (event.type !== 'skipped') await this.#options.sink.apply(event)
      stream.applied = event.seq
    })
  }

  #enqueue(name: string, work: () => Promise<void>): void {
    this.#lines.set(name, this.#lineOf(name).then(work))
  }

  #lineOf(name: string): Promise<void> {
    return this.#lines.get(name) ?? Promise.resolve()
  }

  /** All streams that miss something, in one request. */
  async #closeGaps(): Promise<void> {
    this.#gapTimer = undefined
    if (this.#state !== 'up') return
    const connection = this.#connection
    const gaps = () => [...this.#streams].filter(([, { ahead }]) => ahead.size > 0).map(([name]) => name)
    const only = gaps()
    if (only.length === 0) return
    while (await this.#page(connection, only)) {}
    // Still missing: it is not ours to read any more, or another epoch began. Only a full sync says so.
    const open = gaps().some((name) => only.includes(name))
    if (open && connection === this.#connection && this.#state === 'up') await this.#syncAll(connection)
  }
}
