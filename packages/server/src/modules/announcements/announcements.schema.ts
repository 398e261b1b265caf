import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

const Level = Type.Unsafe<'info' | 'warning' | 'critical'>(
  Type.Union(['info', 'warning', 'critical'].map((level) => Type.Literal(level))),
)

/** What everybody is told, as everybody sees it. */
export const Announcement = Type.Object(
  {
    id: Id,
    level: Level,
    text: Type.String(),
    until: nullable(Time),
    dismissible: Type.Boolean({ description: 'Each person may hide it' }),
    version: Type.Integer({ description: 'Another one has not been hidden by anybody' }),
  },
  { title: 'Announcement' },
)
export type Announcement = Static<typeof Announcement>

export const AdminAnnouncement = Type.Object(
  {
    id: Id,
    level: Level,
    text: Type.String(),
    starts_at: Time,
    ends_at: nullable(Time),
    dismissible: Type.Boolean(),
    state: Type.Unsafe<'coming' | 'shown' | 'over'>(
      Type.Union(['coming', 'shown', 'over'].map((state) => Type.Literal(state))),
    ),
    created_by: Type.Union([PublicUser, Type.Null()]),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'AdminAnnouncement' },
)
export type AdminAnnouncement = Static<typeof AdminAnnouncement>

const When = Type.String({ format: 'date-time', maxLength: 40 })
const Text = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })
const EndsAt = Type.Union([When, Type.Null()], { description: 'null: until it is taken back' })

export const NewAnnouncement = Type.Object(
  {
    level: Type.Optional(Level),
    text: Text,
    starts_at: Type.Optional(When),
    ends_at: Type.Optional(EndsAt),
    dismissible: Type.Optional(Type.Boolean()),
  },
  { ...strict, title: 'NewAnnouncement' },
)
export type NewAnnouncement = Static<typeof NewAnnouncement>

export const AnnouncementPatch = Type.Object(
  {
    level: Type.Optional(Level),
    text: Type.Optional(Text),
    starts_at: Type.Optional(When),
    ends_at: Type.Optional(EndsAt),
    dismissible: Type.Optional(Type.Boolean()),
  },
  { ...strict, title: 'AnnouncementPatch', minProperties: 1 },
)
export type AnnouncementPatch = Static<typeof AnnouncementPatch>

export const AnnouncementQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type AnnouncementQuery = Static<typeof AnnouncementQuery>

export const AnnouncementParams = Type.Object({ id: Id })
