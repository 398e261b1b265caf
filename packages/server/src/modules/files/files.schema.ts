import { type Static, Type } from 'typebox'
import { Id, nullable, pageOf, strict, Time } from '../../platform/http/schemas.ts'
import { variantFields } from './pictures.schema.ts'

export const FileVisibility = Type.Union([Type.Literal('private'), Type.Literal('public')], {
  description: 'private: its owner, and who sees what it was sent with. public: everybody who has the address.',
})
export const FilePurpose = Type.Union([Type.Literal('file'), Type.Literal('attachment')], {
  description: 'attachment: goes by itself when no message uses it',
})

const FileVariant = Type.Object(
  { url: Type.String(), width: Type.Integer(), height: Type.Integer() },
  { title: 'FileVariant', description: 'The picture once more, smaller' },
)

export const StoredFile = Type.Object(
  {
    id: Id,
    name: Type.String(),
    size: Type.Integer({ description: 'In bytes' }),
    content_type: Type.String({ description: 'By its content; text by its name too' }),
    sha256: Type.String({ description: 'Of the bytes, in hexadecimal' }),
    width: Type.Optional(Type.Integer({ description: 'Of a picture, as it is shown' })),
    height: Type.Optional(Type.Integer()),
    purpose: Type.String(),
    visibility: FileVisibility,
    variants: Type.Array(FileVariant),
    url: Type.String({ description: 'Its content' }),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'File' },
)
export type StoredFile = Static<typeof StoredFile>

/** A file as a message shows it. */
export const Attachment = Type.Pick(
  StoredFile,
  ['id', 'name', 'size', 'content_type', 'width', 'height', 'variants', 'url'],
  {
    title: 'Attachment',
  },
)
export type Attachment = Static<typeof Attachment>

export const FileUsage = Type.Object(
  { bytes: Type.Integer(), quota_bytes: nullable(Type.Integer({ description: 'null: no limit' })) },
  { title: 'FileUsage', description: 'What all files of the caller take' },
)
export type FileUsage = Static<typeof FileUsage>

export const FileList = Type.Object({ ...pageOf(StoredFile, '').properties, usage: FileUsage }, { title: 'FileList' })
export type FileList = Static<typeof FileList>

export const FileQuery = Type.Object(
  {
    purpose: Type.Optional(FilePurpose),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type FileQuery = Static<typeof FileQuery>

export const maxNameLength = 255
export const FileName = Type.String({ minLength: 1, maxLength: maxNameLength })

export const FilePatch = Type.Object(
  { name: Type.Optional(FileName), visibility: Type.Optional(FileVisibility) },
  { ...strict, title: 'FilePatch' },
)
export type FilePatch = Static<typeof FilePatch>

/** The fields of the form besides the file. */
export const UploadFields = Type.Object(
  { purpose: Type.Optional(FilePurpose), visibility: Type.Optional(FileVisibility) },
  strict,
)
export type UploadFields = Static<typeof UploadFields>

export const NewFile = Type.Object(
  { file: Type.Unsafe<string>({ type: 'string', format: 'binary' }), ...UploadFields.properties },
  { ...strict, title: 'NewFile' },
)

export const ContentQuery = Type.Object(
  {
    download: Type.Optional(Type.Boolean({ description: 'true: to be saved, never shown' })),
    expires: Type.Optional(Type.Integer({ minimum: 0, description: 'Of a signed link' })),
    ...variantFields,
    signature: Type.Optional(Type.String({ maxLength: 100, description: 'Of a signed link' })),
  },
  strict,
)
export type ContentQuery = Static<typeof ContentQuery>

export const LinkRequest = Type.Object(
  {
    expires_in: Type.Integer({ minimum: 1, maximum: 604_800, description: 'Seconds' }),
    download: Type.Optional(Type.Boolean({ description: 'true: to be saved, never shown' })),
  },
  { ...strict, title: 'FileLinkRequest' },
)
export type LinkRequest = Static<typeof LinkRequest>

export const SignedLink = Type.Object({ url: Type.String(), expires_at: Time }, { title: 'SignedLink' })
export type SignedLink = Static<typeof SignedLink>

export const PresignRequest = Type.Object(
  {
    name: FileName,
    size: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    content_type: Type.String({
      pattern: '^[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,127}$',
      maxLength: 200,
      description: 'To send along; what it is, is told by its content',
    }),
    sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 })),
    purpose: Type.Optional(FilePurpose),
    visibility: Type.Optional(FileVisibility),
  },
  { ...strict, title: 'PresignRequest' },
)
export type PresignRequest = Static<typeof PresignRequest>

export const PresignedUpload = Type.Object(
  {
    id: Id,
    upload_url: Type.String(),
    method: Type.Literal('PUT'),
    headers: Type.Record(Type.String(), Type.String(), { description: 'To send with the bytes, as they are' }),
    expires_at: Time,
  },
  { title: 'PresignedUpload' },
)
export type PresignedUpload = Static<typeof PresignedUpload>
