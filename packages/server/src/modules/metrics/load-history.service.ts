import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import type { Clock } from '../../platform/clock.ts'
import type { PoolMeter, QueryMeter } from '../../platform/db/query-meter.ts'
import type { RequestMeter } from '../../platform/http/request-meter.ts'
import { Histogram, queryBounds, requestBounds } from '../../platform/measure/histogram.ts'
import { residentBytes } from '../../platform/measure/process-meter.ts'
import type { LoadHistory as Answer, LoadSample } from './load-history.schema.ts'

export interface Loaded {
  requests: RequestMeter
  queries: QueryMeter
  pool: PoolMeter
  sockets(): number
  /** What waits to be done; rejects while the database is away. */
  pending(): Promise<number>
  /** That answer at this address. */
  processes: number
  now: Clock
}

interface Totals {
  requests: Histogram
  errors: number
  queries: Histogram
  loop: EventLoopUtilization
}

export const sampleSeconds = 10
const kept = 3600 / sampleSeconds

/** How busy this process was in the last hour: a few numbers each ten seconds, in memory and nowhere else. */
export class LoadHistory {
  readonly #loaded: Loaded
  readonly #since: string
  readonly #samples: LoadSample[] = []
  #before: Totals

  constructor(loaded: Loaded) {
    this.#loaded = loaded
    this.#since = loaded.now().toISOString()
    this.#before = this.#totals()
  }

  /** What happened since the last call, as one more step. */
  async sample(): Promise<number> {
    const { pool, sockets, pending, now } = this.#loaded
    const totals = this.#totals()
    const before = this.#before
    this.#before = totals
    const requests = totals.requests.since(before.requests)
    const queries = totals.queries.since(before.queries)
    const step: LoadSample = {
      at: now().toISOString(),
      requests: requests.count,
      errors: totals.errors - before.errors,
      p50_ms: toMs(requests.quantile(0.5)),
      p95_ms: toMs(requests.quantile(0.95)),
      sockets: sockets(),
      pending: null,
      pool_in_use: pool.inUse,
      pool_waiting: pool.waiting,
      queries: queries.count,
      query_p95_ms: toMs(queries.quantile(0.95)),
      busy: Math.round(performance.eventLoopUtilization(totals.loop, before.loop).utilization * 1000) / 1000,
      memory: residentBytes(),
    }
    // Asked last: while the database is slow the other numbers are right all the same.
    step.pending = await pending().catch(() => null)
    this.#samples.push(step)
    if (this.#samples.length > kept) this.#samples.shift()
    return 0
  }

  /** Steps after `after`, oldest first. */
  read({ after }: { after?: string }): Answer {
    const from = after === undefined ? 0 : this.#samples.findIndex(({ at }) => at > after)
    return {
      since: this.#since,
      processes: this.#loaded.processes,
      step_seconds: sampleSeconds,
      pool_max: this.#loaded.pool.max,
      data: from === -1 ? [] : this.#samples.slice(from),
    }
  }

  #totals(): Totals {
    const { requests: meter, queries: queryMeter } = this.#loaded
    const requests = new Histogram(requestBounds)
    let errors = 0
    for (const { status, duration } of meter.series) {
      requests.add(duration)
      if (status >= 500) errors += duration.count
    }
    const queries = new Histogram(queryBounds)
    // A transaction is the statements in it.
    for (const [word, duration] of queryMeter.byWord) if (word !== 'transaction') queries.add(duration)
    return { requests, errors, queries, loop: performance.eventLoopUtilization() }
  }
}

const toMs = (seconds: number): number => Math.round(seconds * 10_000) / 10
