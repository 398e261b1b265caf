import { type Static, Type } from 'typebox'
import { nullable, Time } from '../../platform/http/schemas.ts'

const LastTurn = Type.Object(
  {
    at: Time,
    duration_ms: Type.Number(),
    outcome: Type.Union([Type.Literal('done'), Type.Literal('failed')]),
    done: nullable(Type.Integer({ description: 'How many things it did; null where it failed' })),
    error: nullable(Type.String()),
  },
  { title: 'JobTurn' },
)

/** Something the server does by itself, as the process that answers has seen it. */
export const Job = Type.Object(
  {
    id: Type.String({ description: 'Its name' }),
    every_seconds: Type.Number(),
    running: Type.Boolean(),
    turns: Type.Integer({ description: 'Since this process began' }),
    failures: Type.Integer({ description: 'Of these, those that failed' }),
    last: Type.Union([LastTurn, Type.Null()]),
    next_at: nullable(Time),
  },
  { title: 'Job' },
)
export type Job = Static<typeof Job>

/** Work that waits to be done, kept in the database. */
export const Queue = Type.Object(
  {
    name: Type.String(),
    waiting: Type.Integer(),
    failed: Type.Integer({ description: 'Given up; no more than 1,000 are counted' }),
    oldest_due: nullable(Type.String({ description: 'When the first of those that wait is, or was, to be done' })),
  },
  { title: 'Queue' },
)
export type Queue = Static<typeof Queue>

export const JobParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const JobList = Type.Object(
  {
    since: Type.Unsafe<string>({ ...Time, description: 'When this process began; each has jobs of its own' }),
    processes: Type.Integer({ description: 'That answer at this address; a request reaches any of them' }),
    data: Type.Array(Job),
    queues: Type.Array(Queue),
  },
  { title: 'JobList' },
)
export type JobList = Static<typeof JobList>
