import type { DatabaseHandle } from '../../platform/db/database.ts'
import { slowSeconds } from '../../platform/db/query-meter.ts'
import { Histogram, quantileOf, queryBounds } from '../../platform/measure/histogram.ts'
import type { DatabaseMetrics as Answer, QueriesQuery, QueryMetricsList, SlowQueries } from './metrics.schema.ts'

/** How the database answers this process: statements without values. */
export class DatabaseMetrics {
  readonly #database: DatabaseHandle

  constructor({ database }: { database: DatabaseHandle }) {
    this.#database = database
  }

  summary(): Answer {
    const { meter, pool } = this.#database
    const { statements } = meter
    const all = new Histogram(queryBounds)
    for (const { duration } of statements) all.add(duration)
    return {
      since: meter.since.toISOString(),
      pool: { max: pool.max, in_use: pool.inUse, waiting: pool.waiting },
      queries: {
        count: all.count,
        errors: statements.reduce((sum, { errors }) => sum + errors, 0),
        total_ms: toMs(all.sum),
        ...timesOf(all),
      },
      statements: statements.length,
      slow_threshold_ms: slowSeconds * 1000,
      slow: meter.slow.length,
      repeated: meter.repeated.length,
    }
  }

  statements({ sort = 'total', limit = 20 }: QueriesQuery): QueryMetricsList {
    const { meter } = this.#database
    const orders = { total: 'total_ms', count: 'count', p95: 'p95_ms', max: 'max_ms' } as const
    const order = orders[sort]
    const all = meter.statements.map(({ statement, errors, duration }) => ({
      statement,
      count: duration.count,
      errors,
      total_ms: toMs(duration.sum),
      mean_ms: toMs(duration.count === 0 ? 0 : duration.sum / duration.count),
      ...timesOf(duration),
    }))
    return { since: meter.since.toISOString(), data: all.sort((a, b) => b[order] - a[order]).slice(0, limit) }
  }

  slow(): SlowQueries {
    const { meter } = this.#database
    return {
      since: meter.since.toISOString(),
      threshold_ms: slowSeconds * 1000,
      data: meter.slow.map(({ seconds, ...query }) => ({ ...query, duration_ms: toMs(seconds) })),
      repeated: [...meter.repeated],
    }
  }

  reset(): void {
    this.#database.meter.reset()
  }
}

const toMs = (seconds: number): number => Math.round(seconds * 1e6) / 1e3

const timesOf = (histogram: Histogram) => ({
  p50_ms: toMs(quantileOf([histogram], 0.5)),
  p95_ms: toMs(quantileOf([histogram], 0.95)),
  p99_ms: toMs(quantileOf([histogram], 0.99)),
  max_ms: toMs(histogram.max),
})
