import type { Actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { type FileRow, type FilesService, listFiles, renderFile } from '../files/index.ts'
import { deleteAttachments, readableAttachmentsQuery, readablePicturesQuery } from './attachments.repository.ts'
import type { Attachment } from './message.schema.ts'
import type { MessageRow } from './messages.repository.ts'
import { invalid } from './messaging.errors.ts'

/** Counted for the conversation, so that all of them go with it at once. */
export const attachmentUse = (conversationId: string) => ({ kind: 'message', usedBy: conversationId })

export const attachmentIds = ({ attachments }: Pick<MessageRow, 'attachments'>): string[] =>
  attachments === null ? [] : (JSON.parse(attachments) as string[])

/** The files of these messages by id, by one query; by none where no message has one. */
export async function attachmentsOf(
  db: Db,
  rows: readonly Pick<MessageRow, 'attachments' | 'deleted_at'>[],
): Promise<(row: Pick<MessageRow, 'attachments' | 'deleted_at'>) => Attachment[]> {
  const shown = rows.filter(({ deleted_at }) => deleted_at === null).flatMap(attachmentIds)
  const files = new Map((await listFiles(db, shown)).map((file) => [file.id, file]))
  // Of an account that was erased, the files are gone before its messages.
  return (row) =>
    row.deleted_at === null
      ? attachmentIds(row).flatMap((id) => {
          const file = files.get(id)
          return file ? [toAttachment(file)] : []
        })
      : []
}

function toAttachment(row: FileRow): Attachment {
  const { id, name, size, content_type, width, height, variants, url } = renderFile(row)
  const sides = width === undefined || height === undefined ? {} : { width, height }
  return { id, name, size, content_type, ...sides, variants, url }
}

/** The sender’s own files, uploaded for a message; kept for it from here on. Throws validation_failed. */
export async function takeAttachments(
  { tx }: UnitOfWork,
  files: FilesService,
  ids: readonly string[],
  { senderId, conversationId }: { senderId: string; conversationId: string },
): Promise<FileRow[]> {
  if (ids.length === 0) return []
  const found = new Map((await listFiles(tx, ids)).map((file) => [file.id, file]))
  const refused = ids.findIndex((id) => {
    const file = found.get(id)
    return file?.owner_id !== senderId || file.purpose !== 'attachment'
  })
  if (refused >= 0) throw noAttachment(refused)
  const kept = new Map((await files.uses.retain(tx, ids, attachmentUse(conversationId))).map((file) => [file.id, file]))
  return ids.map((id, index) => {
    const file = kept.get(id)
    if (!file) throw noAttachment(index)
    return file
  })
}

const noAttachment = (index: number) =>
  invalid(`/attachment_ids/${index}`, 'not_found', 'This is no file that you uploaded as an attachment')

/** When the message goes. */
export async function dropAttachments(uow: UnitOfWork, files: FilesService, message: MessageRow): Promise<void> {
  if (message.attachments === null) return
  await deleteAttachments(uow.tx, message.id)
  await files.uses.release(uow, attachmentUse(message.conversation_id), attachmentIds(message))
}

type ListBlocks = (db: Db, ids: readonly string[]) => Promise<readonly { blocker_id: string; blocked_id: string }[]>

/** Who may read a file because of a message, or of a conversation, that shows it. */
export function addFileReaders(files: FilesService, { db }: { db: Db }, listBlocks: ListBlocks): void {
  files.readers.add('attachment', async ({ userId }: Actor, ids) => {
    const [found, blocks] = await Promise.all([
      readableAttachmentsQuery(db, userId, ids).execute(),
      listBlocks(db, [userId]),
    ])
    const blocked = new Set(
      blocks.filter(({ blocker_id }) => blocker_id === userId).map(({ blocked_id }) => blocked_id),
    )
    return new Set(found.filter(({ sender_id }) => !blocked.has(sender_id)).map(({ file_id }) => file_id))
  })
  files.readers.add('conversation_picture', async ({ userId }: Actor, ids) => {
    const rows = await readablePicturesQuery(db, userId, ids).execute()
    return new Set(rows.flatMap(({ picture_file_id }) => picture_file_id ?? []))
  })
}
