import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

/** Enough to see whether a proxy lets pass what people attach; a body may have 1 MiB. */
const mostPadding = 600_000

export const Probe = Type.Object(
  {
    padding: Type.Optional(
      Type.String({ maxLength: mostPadding, description: 'Read and forgotten: does a body of this size arrive?' }),
    ),
  },
  { ...strict, title: 'BrowserProbe' },
)

/** What of a request came through to here. */
export const Arrival = Type.Object(
  {
    server_time: Time,
    public_origin: Type.String({ description: 'The address the operator says people open' }),
    signed_in: Type.Boolean(),
    cookie_set: Type.Boolean({ description: 'The cookie of an earlier probe came back' }),
    plain_cookie_set: Type.Boolean({ description: 'The same without a __Host- name' }),
    csrf_header: Type.Boolean({ description: 'There was a header X-CSRF-TOKEN' }),
    received: Type.Integer({ description: 'Characters of the padding' }),
    proxy: Type.Union([Type.Literal('none'), Type.Literal('trusted'), Type.Literal('unknown'), Type.Null()], {
      description: 'Whether a proxy passed it on, and is among TRUSTED_PROXIES; null: not for you to know',
    }),
  },
  { title: 'BrowserArrival' },
)
export type Arrival = Static<typeof Arrival>

const Found = Type.Object(
  {
    id: Type.String({ pattern: '^browser_[a-z0-9_]{1,40}$', maxLength: 48, description: 'As the guide lists them' }),
    detail: Type.String({ maxLength: 300 }),
  },
  { ...strict, title: 'BrowserFinding' },
)
export type Found = Static<typeof Found>

export const NewReport = Type.Object(
  {
    findings: Type.Array(Found, { maxItems: 40 }),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { ...strict, title: 'NewBrowserReport' },
)
export type NewReport = Static<typeof NewReport>

export const SentReport = Type.Object({ id: Id, created_at: Time }, { title: 'SentBrowserReport' })

export const BrowserReport = Type.Object(
  {
    id: Id,
    user: Type.Union([PublicUser, Type.Null()], { description: 'null: nobody was signed in' }),
    user_agent: Type.String(),
    comment: nullable(Type.String()),
    findings: Type.Array(Found),
    created_at: Time,
  },
  { title: 'BrowserReport' },
)
export type BrowserReport = Static<typeof BrowserReport>

export const ReportsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type ReportsQuery = Static<typeof ReportsQuery>
