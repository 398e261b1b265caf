import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

const TargetType = Type.Union([Type.Literal('message'), Type.Literal('user'), Type.Literal('conversation')])
const ReportReason = Type.Union([
  Type.Literal('spam'),
  Type.Literal('harassment'),
  Type.Literal('hate'),
  Type.Literal('violence'),
  Type.Literal('sexual'),
  Type.Literal('self_harm'),
  Type.Literal('illegal'),
  Type.Literal('impersonation'),
  Type.Literal('other'),
])
const ReportStatus = Type.Union([Type.Literal('open'), Type.Literal('resolved'), Type.Literal('dismissed')])
const Note = Type.String({ maxLength: 2000 })

export const NewReport = Type.Object(
  {
    target_type: TargetType,
    target_id: Id,
    reason: ReportReason,
    comment: Type.Optional(nullable(Type.String({ maxLength: 2000 }))),
  },
  { ...strict, title: 'NewReport' },
)
export type NewReport = Static<typeof NewReport>

/** A report as who made it sees it. */
export const Report = Type.Object(
  {
    id: Id,
    target_type: TargetType,
    target_id: Id,
    reason: ReportReason,
    comment: nullable(Type.String()),
    status: ReportStatus,
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'Report' },
)
export type Report = Static<typeof Report>

const MaybeUser = Type.Union([PublicUser, Type.Null()])

/** A report as moderators see it. */
export const AdminReport = Type.Object(
  {
    ...Report.properties,
    reporter: MaybeUser,
    target_user: MaybeUser,
    conversation_id: nullable(Id),
    excerpt: nullable(Type.String({ description: 'What the message said when it was reported' })),
    note: nullable(Type.String()),
    decided_by: MaybeUser,
    decided_at: nullable(Time),
  },
  { title: 'AdminReport' },
)
export type AdminReport = Static<typeof AdminReport>

export const ReportPatch = Type.Object(
  { status: Type.Optional(ReportStatus), note: Type.Optional(nullable(Note)) },
  { ...strict, title: 'ReportPatch', minProperties: 1 },
)
export type ReportPatch = Static<typeof ReportPatch>

const page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
}

export const ReportQuery = Type.Object(
  {
    status: Type.Optional(ReportStatus),
    user_id: Type.Optional(Id),
    ...page,
  },
  strict,
)
export type ReportQuery = Static<typeof ReportQuery>

/** One of the two says who is shut out. */
export const NewBan = Type.Object(
  {
    user_id: Type.Optional(Id),
    network: Type.Optional(
      Type.String({ minLength: 2, maxLength: 64, description: 'An address or a network such as 203.0.113.0/24' }),
    ),
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
    until: Type.Optional(nullable(Type.String({ format: 'date-time', maxLength: 40 }))),
  },
  { ...strict, title: 'NewAccessBan' },
)
export type NewBan = Static<typeof NewBan>

export const Ban = Type.Object(
  {
    id: Id,
    kind: Type.Union([Type.Literal('user'), Type.Literal('network')]),
    user: MaybeUser,
    network: nullable(Type.String()),
    reason: Type.String(),
    until: nullable(Time),
    created_by: MaybeUser,
    created_at: Time,
  },
  { title: 'AccessBan' },
)
export type Ban = Static<typeof Ban>

export const BanQuery = Type.Object(
  {
    kind: Type.Optional(Type.Union([Type.Literal('user'), Type.Literal('network')])),
    ...page,
  },
  strict,
)
export type BanQuery = Static<typeof BanQuery>

export const IdParams = Type.Object({ id: Id })
