import { randomBytes } from 'node:crypto'

export type SpanKind = 'internal' | 'server' | 'client'
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Where a trace comes from (W3C Trace Context). */
export interface ParentSpan {
  traceId: string
  spanId: string
  isSampled: boolean
}

/** One that has ended, as it is exported. */
export interface EndedSpan {
  traceId: string
  spanId: string
  parentId: string | undefined
  name: string
  kind: SpanKind
  /** Milliseconds since 1970, with fractions. */
  startedAt: number
  endedAt: number
  attributes: Attributes
  isFailed: boolean
}

type Tell = (spans: readonly EndedSpan[]) => void

/** A request that does more is cut: its first pieces tell what it does. */
const mostPieces = 200

/** The whole of a request, a command or a turn of a job. Its pieces are kept with it, as it is known at its end whether it counts. */
export class Span implements ParentSpan {
  readonly traceId: string
  readonly spanId = hex(8)
  readonly isSampled: boolean
  readonly #parentId: string | undefined
  readonly #about: { name: string; kind: SpanKind; attributes: Attributes }
  readonly #startedAt = performance.now()
  readonly #export: Tell
  readonly #pieces: EndedSpan[] = []
  #left = 0
  #state: 'open' | 'kept' | 'dropped' = 'open'

  constructor(
    about: { name: string; kind: SpanKind; attributes: Attributes },
    { parent, isSampled, tell }: { parent?: ParentSpan | undefined; isSampled: boolean; tell: Tell },
  ) {
    this.#about = about
    this.#parentId = parent?.spanId
    this.traceId = parent?.traceId ?? hex(16)
    this.isSampled = isSampled
    this.#export = tell
  }

  /** Something that was done within it and has ended now. */
  piece(name: string, kind: SpanKind, seconds: number, attributes: Attributes, isFailed = false): void {
    if (!this.isSampled || this.#state === 'dropped') return
    const endedAt = performance.now()
    const piece = this.#ended(
      hex(8),
      this.spanId,
      { name, kind, attributes },
      endedAt - seconds * 1000,
      endedAt,
      isFailed,
    )
    if (this.#state === 'kept') this.#export([piece])
    else if (this.#pieces.length < mostPieces) this.#pieces.push(piece)
    else this.#left++
  }

  end(attributes: Attributes, { isFailed = false, isKept = true } = {}): void {
    if (this.#state !== 'open') return
    this.#state = isKept && this.isSampled ? 'kept' : 'dropped'
    if (this.#state === 'dropped') return
    const left = this.#left > 0 ? { 'atrium.pieces_left_out': this.#left } : {}
    const about = { ...this.#about, attributes: { ...this.#about.attributes, ...attributes, ...left } }
    this.#export([
      this.#ended(this.spanId, this.#parentId, about, this.#startedAt, performance.now(), isFailed),
      ...this.#pieces.splice(0),
    ])
  }

  /** For whoever is called next. */
  get traceparent(): string {
    return `00-${this.traceId}-${this.spanId}-${this.isSampled ? '01' : '00'}`
  }

  #ended(
    spanId: string,
    parentId: string | undefined,
    about: { name: string; kind: SpanKind; attributes: Attributes },
    from: number,
    to: number,
    isFailed: boolean,
  ): EndedSpan {
    const { timeOrigin } = performance
    const times = { startedAt: timeOrigin + from, endedAt: timeOrigin + to }
    return { traceId: this.traceId, spanId, parentId, ...about, ...times, isFailed }
  }
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

export function readTraceparent(header: string | string[] | undefined): ParentSpan | undefined {
  const [, traceId, spanId, flags] =
    (typeof header === 'string' && header.length < 200 && traceparent.exec(header)) || []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
