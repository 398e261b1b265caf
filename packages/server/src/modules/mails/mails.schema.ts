import { type Static, Type } from 'typebox'
import { Id, nullable, pageOf, strict, Time } from '../../platform/http/schemas.ts'

export const mailStatuses = ['pending', 'sending', 'sent', 'dead', 'expired'] as const
const Status = Type.Union(
  mailStatuses.map((status) => Type.Literal(status)),
  { description: 'dead: given up, retry sends it again; expired: its link ended before it could be sent' },
)

/** What became of a mail; never what it says. */
export const Mail = Type.Object(
  {
    id: Id,
    to: Type.String(),
    template: Type.String(),
    locale: Type.String(),
    status: Status,
    attempts: Type.Integer({ description: 'Since it was written, or since the last retry' }),
    last_error: nullable(Type.String()),
    created_at: Time,
    sent_at: nullable(Time),
    next_attempt_at: nullable(Time),
  },
  { title: 'Mail' },
)
export type Mail = Static<typeof Mail>
export const MailList = pageOf(Mail, 'MailList')

export const MailQuery = Type.Object(
  {
    status: Type.Optional(Status),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type MailQuery = Static<typeof MailQuery>
