import { type Static, Type } from 'typebox'
import { Id, nullable, pageOf, strict } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'
import { fileKinds, StoredFile } from '../files/index.ts'

const Owner = Type.Union([PublicUser, Type.Null()], { description: 'null: the account is gone' })

/** A file as an administrator sees it: that it is there, not what is in it. */
export const AdminFile = Type.Object(
  {
    ...Type.Omit(StoredFile, ['sha256', 'url']).properties,
    url: nullable(Type.String({ description: 'Its content, where the caller may read it anyway' })),
    owner: Owner,
    used_by: Type.Array(Type.String(), { description: 'What shows it: message, avatar, conversation' }),
  },
  { title: 'AdminFile' },
)
export type AdminFile = Static<typeof AdminFile>

export const AdminFileList = Type.Object(
  {
    ...pageOf(AdminFile, '').properties,
    usage: Type.Object(
      { bytes: Type.Integer() },
      { description: 'What all files and uploads take; those of the accounts asked for, where some are' },
    ),
  },
  { title: 'AdminFileList' },
)
export type AdminFileList = Static<typeof AdminFileList>

const Size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'In bytes' })
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 }))
const cursor = Type.Optional(Type.String({ maxLength: 500 }))

export const AdminFileQuery = Type.Object(
  {
    owner_id: Type.Optional(Id),
    owner: Type.Optional(
      Type.String({ maxLength: 200, description: 'Beginning of the name, display name or address of the account' }),
    ),
    name: Type.Optional(Type.String({ maxLength: 200, description: 'Part of the file’s name' })),
    kind: Type.Optional(
      Type.Union(
        fileKinds.map((kind) => Type.Literal(kind)),
        { description: 'By its content' },
      ),
    ),
    purpose: Type.Optional(Type.String({ maxLength: 32, pattern: '^[a-z_]+$' })),
    visibility: Type.Optional(Type.Union([Type.Literal('private'), Type.Literal('public')])),
    min_size: Type.Optional(Size),
    max_size: Type.Optional(Size),
    sort: Type.Optional(
      Type.Union([Type.Literal('-created_at'), Type.Literal('-size')], {
        default: '-created_at',
        description: 'The newest first, or the largest',
      }),
    ),
    limit,
    cursor,
  },
  strict,
)
export type AdminFileQuery = Static<typeof AdminFileQuery>

export const OwnerUsage = Type.Object(
  {
    owner: Owner,
    owner_id: Id,
    files: Type.Integer(),
    bytes: Type.Integer({ description: 'Of files, and of uploads under way' }),
  },
  { title: 'OwnerUsage' },
)
export type OwnerUsage = Static<typeof OwnerUsage>

export const OwnerUsageQuery = Type.Object({ limit, cursor }, strict)
export type OwnerUsageQuery = Static<typeof OwnerUsageQuery>

export const AdminFileParams = Type.Object({ id: Id })
