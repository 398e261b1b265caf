import { type Static, Type } from 'typebox'
import { strict } from '../../../platform/http/schemas.ts'

/** The stream of a table's rows. */
export const rowStream = (table: string): string => `table:${table}`

/** What its events are called. */
export const rowChanged = 'data.changed'

const Cursor = Type.String({ maxLength: 600, description: 'The place after this change; as it was told' })

const watched = {
  table: Type.String({ minLength: 1, maxLength: 128 }),
  filter: Type.Optional(
    Type.Record(Type.String({ maxLength: 300 }), Type.Unknown(), {
      maxProperties: 100,
      description: 'Of the columns of the table itself, as in a list',
    }),
  ),
  fields: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { minItems: 1, maxItems: 500 })),
  numbers: Type.Optional(
    Type.Literal('string', { description: 'Numbers that a double may round come as texts with all their digits' }),
  ),
}

export const DataSubscription = Type.Object(
  { ...watched, cursor: Type.Optional(Cursor) },
  { ...strict, title: 'DataSubscription' },
)
export type DataSubscription = Static<typeof DataSubscription>

export const DataUnsubscription = Type.Object(
  { subscription_id: Type.String({ maxLength: 64 }) },
  { ...strict, title: 'DataUnsubscription' },
)

/** One table of a `sync`: what it would be subscribed with, and the place that is held. */
export const DataPosition = Type.Object({ ...watched, cursor: Cursor }, { ...strict, title: 'DataPosition' })
export type DataPosition = Static<typeof DataPosition>

const change = {
  table: Type.String(),
  action: Type.String({ description: 'insert, update or delete; delete also for a row that is no longer seen' }),
  key: Type.String({ description: 'As in the address of the row' }),
  record: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'The row as it is now; absent with delete' }),
  ),
  changed: Type.Array(Type.String(), { description: 'With update: the columns that have another value' }),
  cursor: Cursor,
}

export const DataChange = Type.Object(change, { title: 'DataChange' })
export type DataChange = Static<typeof DataChange>

export const DataChanged = Type.Object({ subscription_id: Type.String(), ...change }, { title: 'DataChanged' })

export const DataReset = Type.Object(
  { subscription_id: Type.String(), table: Type.String(), cursor: Cursor },
  { title: 'DataReset', description: 'What is held of it is worth nothing any more: load it anew' },
)

export const DataEnded = Type.Object(
  { subscription_id: Type.String(), table: Type.String(), reason: Type.String({ description: 'revoked' }) },
  { title: 'DataEnded' },
)

export const DataSubscribed = Type.Object(
  {
    subscription_id: Type.String(),
    cursor: Cursor,
    reset: Type.Boolean({ description: 'What came after the cursor is not known any more: load anew' }),
  },
  { title: 'DataSubscribed' },
)
export type DataSubscribed = Static<typeof DataSubscribed>

export const DataCatchUp = Type.Object(
  {
    table: Type.String(),
    events: Type.Array(DataChange),
    cursor: Type.Optional(Cursor),
    reset: Type.Boolean({ description: 'Too long ago, or seen by other rules: load it anew' }),
    removed: Type.Boolean({ description: 'Not readable any more, or not there' }),
    more: Type.Boolean(),
  },
  { title: 'DataCatchUp' },
)
export type DataCatchUp = Static<typeof DataCatchUp>

/** What is told of tables over sockets, outside of streams. */
export const liveEvents = { [rowChanged]: DataChanged, 'data.reset': DataReset, 'data.ended': DataEnded }
