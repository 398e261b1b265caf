import { type Static, Type } from 'typebox'
import { nullable, strict, Time } from '../../platform/http/schemas.ts'

const ms = Type.Number({ description: 'Milliseconds' })
const times = { p50_ms: ms, p95_ms: ms, p99_ms: ms, max_ms: ms }
const Statement = Type.String({ description: 'The text without values' })

export const DatabaseMetrics = Type.Object(
  {
    since: Time,
    pool: Type.Object({ max: Type.Integer(), in_use: Type.Integer(), waiting: Type.Integer() }),
    queries: Type.Object({ count: Type.Integer(), errors: Type.Integer(), total_ms: ms, ...times }),
    statements: Type.Integer({ description: 'How many different ones there were' }),
    slow_threshold_ms: ms,
    slow: Type.Integer({ description: 'How many slow ones are kept' }),
    repeated: Type.Integer({ description: 'How many warnings there are of statements that are run again and again' }),
  },
  { title: 'DatabaseMetrics' },
)
export type DatabaseMetrics = Static<typeof DatabaseMetrics>

export const QueriesQuery = Type.Object(
  {
    sort: Type.Optional(
      Type.Union([Type.Literal('total'), Type.Literal('count'), Type.Literal('p95'), Type.Literal('max')], {
        default: 'total',
        description: 'Most first',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  strict,
)
export type QueriesQuery = Static<typeof QueriesQuery>

const QueryMetrics = Type.Object(
  { statement: Statement, count: Type.Integer(), errors: Type.Integer(), total_ms: ms, mean_ms: ms, ...times },
  { title: 'QueryMetrics' },
)
export const QueryMetricsList = Type.Object(
  { since: Time, data: Type.Array(QueryMetrics) },
  { title: 'QueryMetricsList' },
)
export type QueryMetricsList = Static<typeof QueryMetricsList>

const where = nullable(Type.String({ description: 'The route, command or job it was part of' }))
export const SlowQueries = Type.Object(
  {
    since: Time,
    threshold_ms: ms,
    data: Type.Array(
      Type.Object(
        {
          at: Time,
          statement: Statement,
          duration_ms: ms,
          failed: Type.Boolean(),
          path: where,
          request_id: nullable(Type.String()),
        },
        { title: 'SlowQuery' },
      ),
    ),
    repeated: Type.Array(
      Type.Object(
        {
          path: Type.String(),
          statement: Statement,
          most: Type.Integer({ description: 'How often within one request, at most' }),
          requests: Type.Integer({ description: 'In how many requests ten times or more' }),
          at: Time,
        },
        { title: 'RepeatedQuery' },
      ),
    ),
  },
  { title: 'SlowQueries' },
)
export type SlowQueries = Static<typeof SlowQueries>
