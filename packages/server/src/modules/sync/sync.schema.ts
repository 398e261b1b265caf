import { type Static, Type } from 'typebox'
import { EventEnvelope } from '../../platform/events/event-rendering.ts'
import { strict } from '../../platform/http/schemas.ts'
import { DataCatchUp, DataPosition } from '../tables/index.ts'

const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const SyncRequest = Type.Object(
  {
    epoch: Type.Optional(Type.String({ maxLength: 64, description: 'From session.ready or the last answer' })),
    streams: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,29}:[A-Za-z0-9_.-]{1,80}$' }), Position, {
      maxProperties: 10_000,
      additionalProperties: false,
      description: 'The position held of each stream: the seq of the last event applied',
    }),
    tables: Type.Optional(
      Type.Array(DataPosition, { maxItems: 50, description: 'Of tables: what is watched, and the cursor held of it' }),
    ),
    only: Type.Optional(Type.Boolean({ description: 'Answer about the named streams alone' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 200 })),
  },
  { ...strict, title: 'SyncRequest' },
)
export type SyncRequest = Static<typeof SyncRequest>

export const SyncAnswer = Type.Object(
  {
    epoch: Type.String(),
    events: Type.Array(EventEnvelope, { description: 'Per stream ascending, without holes' }),
    heads: Type.Record(Type.String(), Type.Integer(), { description: 'Of streams that changed, were added or reset' }),
    added: Type.Array(Type.String(), { description: 'Readable and not named: store the head, then load by REST' }),
    removed: Type.Array(Type.String(), { description: 'Named and not readable, or not there' }),
    reset: Type.Array(Type.String(), { description: 'Too far behind: drop what you hold, then as added' }),
    tables: Type.Optional(Type.Array(DataCatchUp, { description: 'In the order they were sent' })),
    more: Type.Boolean({ description: 'Ask again with the new positions' }),
  },
  { title: 'SyncAnswer' },
)
export type SyncAnswer = Static<typeof SyncAnswer>
