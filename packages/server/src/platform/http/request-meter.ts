import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Histogram, quantileOf, requestBounds } from '../measure/histogram.ts'

/** What the answers of one route with one status have in common. */
export interface RequestSeries {
  method: string
  /** The pattern of the route, `other` for pages and their files, `none` where there is no such route. */
  route: string
  status: number
  duration: Histogram
}

export interface RecentRequests {
  /** The time they are from, in seconds. */
  window_seconds: number
  count: number
  /** Answers with 5xx, as a share of all. */
  error_rate: number
  p50_ms: number
  p95_ms: number
  p99_ms: number
}

const maxSeries = 2_000
const slots = 5
const slotMs = 60_000

interface Slot {
  minute: number
  errors: number
  duration: Histogram
}

/**
 * Counts answers by what we made: routes, methods and statuses of ours, never by what a request says. However many
 * addresses, methods and headers are tried, there are no more than `maxSeries`.
 */
export class RequestMeter {
  readonly #series = new Map<string, RequestSeries>()
  readonly #slots: Slot[] = []

  get series(): Iterable<RequestSeries> {
    return this.#series.values()
  }

  record(method: string, route: string, status: number, seconds: number): void {
    this.#seriesOf(method, route, status).duration.observe(seconds)
    const slot = this.#slot()
    slot.duration.observe(seconds)
    if (status >= 500) slot.errors++
  }

  /** Of the last five minutes. */
  recent(): RecentRequests {
    const { minute } = this.#slot()
    const recent = this.#slots.filter((slot) => slot.minute > minute - slots)
    const durations = recent.map(({ duration }) => duration)
    const count = durations.reduce((sum, duration) => sum + duration.count, 0)
    const errors = recent.reduce((sum, slot) => sum + slot.errors, 0)
    const ms = (share: number) => Math.round(quantileOf(durations, share) * 10_000) / 10
    return {
      window_seconds: (slots * slotMs) / 1000,
      count,
      error_rate: count === 0 ? 0 : errors / count,
      p50_ms: ms(0.5),
      p95_ms: ms(0.95),
      p99_ms: ms(0.99),
    }
  }

  #seriesOf(method: string, route: string, status: number): RequestSeries {
    const key = `${method} ${status} ${route}`
    const known = this.#series.get(key)
    if (known) return known
    if (this.#series.size >= maxSeries && route !== 'other') return this.#seriesOf('OTHER', 'other', 0)
    const made = { method, route, status, duration: new Histogram(requestBounds) }
    this.#series.set(key, made)
    return made
  }

  #slot(): Slot {
    const minute = Math.floor(performance.now() / slotMs)
    const last = this.#slots.at(-1)
    if (last?.minute === minute) return last
    const made = { minute, errors: 0, duration: new Histogram(requestBounds) }
    this.#slots.push(made)
    if (this.#slots.length > slots) this.#slots.shift()
    return made
  }
}

/** Before the routes are added: each answer is counted from then on. */
export function meterRequests(app: FastifyInstance): RequestMeter {
  const meter = new RequestMeter()
  app.addHook('onResponse', (request, reply, done) => {
    meter.record(methodOf(request), routeOf(request), reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  return meter
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const methodOf = ({ method }: FastifyRequest): string => (methods.has(method) ? method : 'OTHER')

function routeOf({ routeOptions }: FastifyRequest): string {
  const { url, schema } = routeOptions
  if (url === undefined) return 'none'
  // Files of the web app are routes too, with another name in each version.
  return url.startsWith('/api/') || !(schema as { hide?: boolean } | undefined)?.hide ? url : 'other'
}
