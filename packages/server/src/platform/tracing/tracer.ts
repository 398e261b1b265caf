import type { Logger } from '../log.ts'
import { type Attributes, type EndedSpan, type ParentSpan, Span, type SpanKind } from './span.ts'

export interface TracingConfig {
  /** Where spans are posted to. */
  url: URL
  headers: Readonly<Record<string, string>>
  serviceName: string
  /** How many of a hundred traces that begin here are told of. */
  percent: number
}

export interface TracerOptions extends TracingConfig {
  log: Logger
  version: string
  /** Which process it is. */
  instance: string
}

/** Spans that wait: what comes beyond them is lost, as nobody may wait for a collector. */
const mostWaiting = 4_096
const mostPosted = 512
const everyMs = 1_000
const answerMs = 5_000
const complaintMs = 60_000
const kinds = { internal: 1, server: 2, client: 3 } as const

/** Tells an OpenTelemetry collector what was done (OTLP over HTTP, as JSON). It may be away; nothing here waits for it. */
export class Tracer {
  readonly #options: TracerOptions
  readonly #waiting: EndedSpan[] = []
  #timer: NodeJS.Timeout | undefined
  #posting: Promise<void> | undefined
  #lost = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(options: TracerOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** A parent that is not believed gives its number only, and no say in what is told of. */
  begin(name: string, kind: SpanKind, attributes: Attributes = {}, parent?: ParentSpan, isBelieved = false): Span {
    const isSampled = parent && isBelieved ? parent.isSampled : Math.random() * 100 < this.#options.percent
    return new Span({ name, kind, attributes }, { parent, isSampled, tell: (spans) => this.#take(spans) })
  }

  /** What waits is told of, once, for as long as a collector may take to answer. */
  async close(): Promise<void> {
    await this.#posting
    while (this.#waiting.length > 0) if (!(await this.#post())) break
    clearTimeout(this.#timer)
  }

  #take(spans: readonly EndedSpan[]): void {
    const room = mostWaiting - this.#waiting.length
    this.#waiting.push(...spans.slice(0, room))
    this.#lost += Math.max(0, spans.length - room)
    this.#plan()
  }

  #plan(): void {
    if (this.#timer || this.#waiting.length === 0) return
    this.#timer = setTimeout(() => {
      this.#posting = this.#post().then(() => {
        this.#timer = undefined
        this.#plan()
      })
    }, everyMs)
    this.#timer.unref()
  }

  async #post(): Promise<boolean> {
    const { url, headers } = this.#options
    const spans = this.#waiting.splice(0, mostPosted)
    try {
      const { ok, status, body } = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(this.#request(spans)),
        redirect: 'error',
        signal: AbortSignal.timeout(answerMs),
      })
      await body?.cancel()
      if (!ok) throw new Error(`It answered ${status}`)
      return true
    } catch (error) {
      this.#lost += spans.length
      this.#complain(error)
      return false
    }
  }

  /** Once a minute at most. */
  #complain(error: unknown): void {
    if (performance.now() - this.#complainedAt < complaintMs) return
    this.#complainedAt = performance.now()
    const { cause, message } = error as Error
    const reason = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
    this.#options.log.warn({ lost: this.#lost, reason }, 'traces could not be told to the collector')
    this.#lost = 0
  }

  #request(spans: readonly EndedSpan[]): object {
    const { serviceName, version, instance } = this.#options
    const resource = { 'service.name': serviceName, 'service.version': version, 'service.instance.id': instance }
    return {
      resourceSpans: [
        {
          resource: { attributes: encoded(resource) },
          scopeSpans: [{ scope: { name: 'atrium', version }, spans: spans.map(encodedSpan) }],
        },
      ],
    }
  }
}

const encodedSpan = ({ traceId, spanId, parentId, name, kind, attributes, isFailed, ...times }: EndedSpan) => ({
  traceId,
  spanId,
  ...(parentId === undefined ? {} : { parentSpanId: parentId }),
  name,
  kind: kinds[kind],
  startTimeUnixNano: nanoseconds(times.startedAt),
  endTimeUnixNano: nanoseconds(times.endedAt),
  attributes: encoded(attributes),
  status: isFailed ? { code: 2 } : {},
})

/** 64-bit numbers are text in the JSON of Protocol Buffers. */
const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms * 1_000)) * 1_000n)

const encoded = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]))

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
