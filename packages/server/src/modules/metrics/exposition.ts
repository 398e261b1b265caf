import type { Metric, Registry } from 'prom-client'
import type { PoolMeter, QueryMeter } from '../../platform/db/query-meter.ts'
import type { RequestMeter } from '../../platform/http/request-meter.ts'
import type { Histogram } from '../../platform/measure/histogram.ts'

export interface Measured {
  requests: RequestMeter
  queries: QueryMeter
  pool: PoolMeter
  /** Of a database that has one we keep short. */
  logBytes: (() => number) | undefined
  sockets(): number
  /** What waits to be done, by queue; rejects while the database is away. */
  pending(): Promise<Readonly<Record<string, number>>>
  /** Told where several processes answer at one address: each has numbers of its own. */
  worker: number | undefined
}

interface Value {
  metricName?: string
  labels: Record<string, string | number>
  value: number
}

/**
 * What was measured, as Prometheus reads it. While nobody asks, the counters are a few numbers of ours and the library is
 * not even loaded.
 */
export class Exposition {
  readonly #measured: Measured
  #registry: Promise<Registry> | undefined

  constructor(measured: Measured) {
    this.#measured = measured
  }

  async text(): Promise<{ type: string; text: string }> {
    this.#registry ??= this.#open()
    const registry = await this.#registry
    return { type: registry.contentType, text: await registry.metrics() }
  }

  async #open(): Promise<Registry> {
    const { collectDefaultMetrics, Registry } = await import('prom-client')
    const registry = new Registry()
    const { requests, queries, pool, logBytes, sockets, pending, worker } = this.#measured
    if (worker !== undefined) registry.setDefaultLabels({ worker })
    collectDefaultMetrics({ register: registry })
    const add = (name: string, type: string, help: string, read: () => Value[] | Promise<Value[]>) => {
      const get = async () => ({ name, help, type, values: await read(), aggregator: 'sum' })
      // The library asks nothing else of what it prints.
      registry.registerMetric({ name, get } as unknown as Metric)
    }
    const gauge = (name: string, help: string, read: () => number) =>
      add(name, 'gauge', help, () => [{ labels: {}, value: read() }])

    const duration = 'http_request_duration_seconds'
    add(duration, 'histogram', 'Time until an answer was sent, by route, method and status', () =>
      [...requests.series].flatMap(({ method, route, status, duration: histogram }) =>
        lines(duration, { method, route, status_code: status }, histogram),
      ),
    )
    const queryDuration = 'db_query_duration_seconds'
    add(queryDuration, 'histogram', 'Time until the database answered, by the kind of statement', () =>
      [...queries.byWord].flatMap(([kind, histogram]) => lines(queryDuration, { kind }, histogram)),
    )
    gauge('db_pool_max', 'Connections there may be', () => pool.max)
    gauge('db_pool_in_use', 'Connections that are lent', () => pool.inUse)
    gauge('db_pool_waiting', 'Those who wait for a connection', () => pool.waiting)
    if (logBytes) gauge('db_log_bytes', 'The log of writes beside the database file', logBytes)
    gauge('socket_connections', 'Live connections', sockets)
    add('jobs_pending', 'gauge', 'What waits to be done, by queue', async () => {
      const counts = await pending().catch(() => ({}))
      return Object.entries(counts).map(([queue, value]) => ({ labels: { queue }, value }))
    })
    return registry
  }
}

function lines(name: string, labels: Value['labels'], histogram: Histogram): Value[] {
  return [
    ...histogram.cumulative().map(({ le, count }) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: Number(le.toPrecision(6)) },
      value: count,
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: histogram.count },
    { metricName: `${name}_sum`, labels, value: histogram.sum },
    { metricName: `${name}_count`, labels, value: histogram.count },
  ]
}
