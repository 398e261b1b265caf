/**
 * The door for rooms that keep files. `files` is a FilesService.
 *
 *   files.keep({ ownerId, name, purpose, visibility }, bytes, { width, height }?) → FileRow      a file of its own
 *   files.uploads.stage({ ownerId, name, purpose, visibility }, bytes) → StagedFile              bytes, durable …
 *   files.uploads.admit(uow, staged, { width, height, content_type, details }?) → FileRow        … and the row, in your
 *   files.uploads.discard(staged)                                                                transaction; or neither
 *   files.requireOwn(tx, actor, ids) → FileRow[]                                                 throws not_found
 *   files.uses.retain(tx, ids, { kind: 'message', usedBy: messageId }) → FileRow[]               counts a use
 *   files.uses.release(uow, { kind, usedBy }, ids?)                                              gives it back
 *   files.readers.add('attachment', async (actor, ids) => Set of those the actor may read)
 *   files.holders.add('message', async (uow, fileId, usedBy) => events)                        how a room lets go of one
 *   files.listReadable(actor | null, ids) → Map<id, FileRow>; files.findReadable(actor | null, id) → FileRow
 *   files.open(row, { start, end }?) → Readable
 *   files.pictures.stageFace({ ownerId, purpose }, buffer) → { staged, facts }   a square picture
 *   files.storage, derivedKey(row.storage_key, 'name')                                           what is made of a file
 *   readFirstFile(request) → its file as it comes                                            of a form, not kept
 *   readSmallFile(request, maxBytes) → Buffer                                            a form's file, not kept
 *   sendContent(request, reply, content, { download }?)                                          answers with bytes
 *
 * `bytes` is a stream or `[buffer]`. A file whose purpose is not lasting goes with its last use, or a day after it came.
 */

export { type FileKind, fileKinds } from './all-files.repository.ts'
export type { AllFiles } from './all-files.ts'
export { buildFiles } from './build.ts'
export { type Content, sendContent } from './content-answer.ts'
export { contentTypeOf } from './content-type.ts'
export { fileEvents } from './file-events.ts'
export { acceptFileForms, readFileForm, readFirstFile } from './file-form.ts'
export { fileErrors } from './files.errors.ts'
export { type FileRow, type FileUse, listFilesById as listFiles } from './files.repository.ts'
export { Attachment, StoredFile } from './files.schema.ts'
export { type FilesService, noSuchFile } from './files.service.ts'
export type { FileHolder } from './holders.ts'
export { listObjectKeys } from './object-keys.ts'
export { acceptPictures, readPicture } from './picture-form.ts'
export { Avatar, AvatarAnswer, PictureForm } from './pictures.schema.ts'
export type { Purpose, Visibility } from './purposes.ts'
export type { FileReader } from './readers.ts'
export type { ReconciliationResult } from './reconciliation.ts'
export { contentUrl, render as renderFile, renderAvatar } from './rendering.ts'
export { filesRoutes } from './routing.ts'
export type { SignedLinks } from './signed-links.ts'
export { readSmallFile } from './small-file.ts'
export type { FileFacts, NewUpload, StagedFile } from './uploads.ts'
