import { type Static, Type } from 'typebox'
import { nullable } from '../../platform/http/schemas.ts'

export const DependencyState = Type.Object(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('failed'), Type.Literal('off')], {
      description: 'off: not set up here',
    }),
    latency_ms: nullable(Type.Number()),
    detail: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  },
  { title: 'DependencyState' },
)
export type DependencyState = Static<typeof DependencyState>

const ms = Type.Number({ description: 'Milliseconds' })

export const DetailedHealth = Type.Object(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')], {
      description: 'degraded: something the server stands on has failed',
    }),
    version: Type.String(),
    uptime: Type.Integer({ description: 'Seconds' }),
    dependencies: Type.Object({
      database: DependencyState,
      redis: DependencyState,
      storage: DependencyState,
      email: DependencyState,
    }),
    memory: Type.Object({
      rss: Type.Integer(),
      heap_used: Type.Integer(),
      heap_total: Type.Integer(),
      external: Type.Integer(),
    }),
    event_loop: Type.Object(
      {
        lag_mean_ms: Type.Number(),
        lag_p99_ms: Type.Number(),
        lag_max_ms: Type.Number(),
        utilization: Type.Number({ description: 'Share of the time that was worked, 0 to 1' }),
      },
      { description: 'Since it was asked last' },
    ),
    requests: Type.Object(
      {
        window_seconds: Type.Integer(),
        count: Type.Integer(),
        error_rate: Type.Number({ description: 'Answers with 5xx, 0 to 1' }),
        p50_ms: ms,
        p95_ms: ms,
        p99_ms: ms,
      },
      { description: 'Of this process, in the last minutes' },
    ),
    sockets: Type.Integer({ description: 'Live connections to this process' }),
  },
  { title: 'DetailedHealth' },
)
export type DetailedHealth = Static<typeof DetailedHealth>
