import { type Static, Type } from 'typebox'
import { nullable, strict, Time } from '../../platform/http/schemas.ts'

const ms = Type.Number({ description: 'Milliseconds' })
const count = Type.Integer()

export const LoadSample = Type.Object(
  {
    at: Time,
    requests: Type.Integer({ description: 'Answered in this step' }),
    errors: Type.Integer({ description: 'Of them with 5xx' }),
    p50_ms: ms,
    p95_ms: ms,
    sockets: Type.Integer({ description: 'Live connections at its end' }),
    pending: nullable(Type.Integer({ description: 'What waited to be done; null where the database did not say' })),
    pool_in_use: count,
    pool_waiting: Type.Integer({ description: 'Those who waited for a connection' }),
    queries: Type.Integer({ description: 'Statements in this step' }),
    query_p95_ms: ms,
    busy: Type.Number({ description: 'Share of the time the event loop worked, 0 to 1' }),
    memory: Type.Integer({ description: 'Bytes' }),
  },
  { title: 'LoadSample' },
)
export type LoadSample = Static<typeof LoadSample>

export const LoadHistory = Type.Object(
  {
    since: Type.Unsafe<string>({ ...Time, description: 'When this process began; each has numbers of its own' }),
    processes: Type.Integer({ description: 'That answer at this address; a request reaches any of them' }),
    step_seconds: count,
    pool_max: Type.Integer({ description: 'Connections to the database there may be' }),
    data: Type.Array(LoadSample, { description: 'Oldest first; of the last hour' }),
  },
  { title: 'LoadHistory' },
)
export type LoadHistory = Static<typeof LoadHistory>

export const LoadHistoryQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({ format: 'date-time', maxLength: 40, description: '`at` of the last step one has' }),
    ),
  },
  strict,
)
