import { type Static, Type } from 'typebox'
import { defineTopic } from '../../platform/events/event-bus.ts'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'

export const maxWatched = 200

const states = ['online', 'away', 'dnd', 'offline'] as const
export type PresenceState = (typeof states)[number]

const State = (description: string) => Type.Enum([...states], { description })
const Text = (description: string) => nullable(Type.String({ maxLength: 140, description }))

/** How somebody is, as one other person may see it. */
export const Presence = Type.Object(
  {
    user_id: Id,
    state: State('`offline` also for people who do not show it, or do not exist'),
    last_seen_at: nullable(
      Type.String({ description: 'When they were there last; null while they are there, and where it is not shown' }),
    ),
    text: Text('What they say of it themselves'),
  },
  { title: 'Presence' },
)
export type Presence = Static<typeof Presence>

export const PresenceList = Type.Object({ data: Type.Array(Presence) }, { title: 'PresenceList' })

/** What somebody chose for themselves. */
export const OwnPresence = Type.Object(
  {
    user_id: Id,
    state: State('`offline`: seen as offline while connected'),
    text: Text('For everyone who may see the state'),
    until: nullable(Time),
  },
  { title: 'OwnPresence' },
)
export type OwnPresence = Static<typeof OwnPresence>

export const NewPresence = Type.Object(
  {
    state: State('`offline`: seen as offline while connected'),
    text: Type.Optional(Text('Null or absent: none')),
    until: Type.Optional(
      nullable(
        Type.String({
          format: 'date-time',
          maxLength: 40,
          description: 'When both end by themselves; null or absent: never',
        }),
      ),
    ),
  },
  { ...strict, title: 'NewPresence' },
)
export type NewPresence = Static<typeof NewPresence>

export const PresenceQuery = Type.Object(
  {
    user_ids: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f-]{36}(,[0-9a-f-]{36})*$',
        maxLength: maxWatched * 37,
        description: `Ids of at most ${maxWatched} people, with commas between them; absent: nobody`,
      }),
    ),
  },
  strict,
)

export const PresenceWatch = Type.Object(
  { user_ids: Type.Array(Id, { maxItems: maxWatched, uniqueItems: true }) },
  { ...strict, title: 'PresenceWatch', description: 'Takes the place of whom this socket watched before' },
)
export type PresenceWatch = Static<typeof PresenceWatch>

/** How these people are may have changed; whoever watches them reads it anew. */
export const presenceChanged = defineTopic<{ userIds: string[] }>('presence.changed', { shared: true })
