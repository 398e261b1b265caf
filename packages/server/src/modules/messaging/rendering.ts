import type { Db } from '../../platform/db/schema.ts'
import { listPublicUsers, type PublicUser } from '../accounts/index.ts'
import { renderAvatar } from '../files/index.ts'
import { listBlocks } from '../people/index.ts'
import { attachmentsOf } from './attachments.ts'
import type { Conversation, SharedConversation } from './conversation.schema.ts'
import {
  type ConversationRow,
  listPreviewMembers,
  type MembershipRow,
  type PreviewMember,
} from './conversations.repository.ts'
import { listHides, listOwnReactions, listPinnedIds, listReactions } from './marks.repository.ts'
import type { Attachment, Message, Reaction } from './message.schema.ts'
import { listLastMessages, listMessagesById, type MessageRow } from './messages.repository.ts'
import { countMentions } from './reading.repository.ts'
import { seenBy } from './visibility.ts'

const quoteLength = 200
const previewed = 6

/**
 * Messages with senders, quotes and reactions, in the order given, by a fixed number of queries. With `viewerId` the
 * reactions say which are the viewer's, and nothing is quoted that the viewer may not read. `known` are not asked for.
 */
export async function renderMessages(
  db: Db,
  rows: readonly MessageRow[],
  viewerId?: string,
  known: readonly PublicUser[] = [],
): Promise<Message[]> {
  const quoteIds = rows.flatMap(({ reply_to_id }) => reply_to_id ?? [])
  // What was never changed has neither reactions nor a pin.
  const changed = rows.filter(({ version, deleted_at }) => version > 1 && deleted_at === null).map(({ id }) => id)
  const [quoted, reactions, own, pinned] = await Promise.all([
    listQuoted(db, quoteIds, viewerId),
    listReactions(db, changed),
    viewerId === undefined ? [] : listOwnReactions(db, viewerId, changed),
    listPinnedIds(db, changed),
  ])
  const [people, filesOf] = await Promise.all([
    peopleById(
      db,
      [...rows, ...quoted].map((row) => row.sender_id),
      known,
    ),
    attachmentsOf(db, [...rows, ...quoted]),
  ])
  const sender = ({ sender_id, created_at }: MessageRow) => people.get(sender_id) ?? departed(sender_id, created_at)
  const isOwn = (id: string, emoji: string) => own.some((mine) => mine.message_id === id && mine.emoji === emoji)
  const quotes = new Map(quoted.map((row) => [row.id, quoteOf(row, sender(row), filesOf(row))]))
  return rows.map((message) => {
    const { sender_id: _, reply_to_id, mentions, attachments: __, ...row } = message
    return {
      ...row,
      text: row.deleted_at === null ? row.text : '',
      format: row.format === 'markdown' ? 'markdown' : 'plain',
      sender: sender(message),
      reply_to: (reply_to_id !== null && quotes.get(reply_to_id)) || null,
      attachments: filesOf(message),
      mentions: mentions === null || row.deleted_at !== null ? [] : (JSON.parse(mentions) as string[]),
      reactions: reactions
        .filter(({ message_id }) => message_id === row.id)
        .map(
          ({ emoji, count }): Reaction =>
            viewerId === undefined ? { emoji, count } : { emoji, count, mine: isOwn(row.id, emoji) },
        ),
      pinned: pinned.includes(row.id),
    }
  })
}

async function listQuoted(db: Db, ids: readonly string[], viewerId: string | undefined): Promise<MessageRow[]> {
  const rows = await listMessagesById(db, ids)
  return viewerId === undefined ? rows : seenBy(db, listBlocks, viewerId, rows)
}

const quoteOf = ({ id, seq, text, deleted_at }: MessageRow, sender: PublicUser, attachments: Attachment[]) => ({
  id,
  seq,
  sender,
  // By code points: half a surrogate pair is no text.
  text: deleted_at === null ? [...text].slice(0, quoteLength).join('') : '',
  attachments,
  deleted_at,
})

export const renderShared = (row: ConversationRow): SharedConversation => ({
  id: row.id,
  kind: row.kind as SharedConversation['kind'],
  title: row.title,
  description: row.description,
  avatar: renderAvatar(row.picture_file_id),
  public: row.is_public === 1,
  history_open: row.history_open === 1,
  posting: row.posting as SharedConversation['posting'],
  member_count: row.member_count,
  created_at: row.created_at,
  version: row.version,
})

/** The newest messages, but for those that the person has deleted for themselves, or whose author they have blocked. */
async function lastMessagesFor(db: Db, userId: string, rows: readonly MembershipRow[]): Promise<Message[]> {
  const messages = await listLastMessages(db, rows)
  const [hides, blocks] = await Promise.all([
    listHides(
      db,
      messages.map(({ id }) => id),
    ),
    messages.length === 0 ? [] : listBlocks(db, [userId]),
  ])
  const isHidden = ({ id, sender_id }: MessageRow) =>
    hides.some((hide) => hide.message_id === id && hide.user_id === userId) ||
    blocks.some((block) => block.blocker_id === userId && block.blocked_id === sender_id)
  return renderMessages(
    db,
    messages.filter((message) => !isHidden(message)),
    userId,
  )
}

/** Conversations as one member sees them, in the order given. */
export async function renderConversations(
  db: Db,
  userId: string,
  rows: readonly MembershipRow[],
): Promise<Conversation[]> {
  const [members, lastMessages, mentions] = await Promise.all([
    listPreviewMembers(
      db,
      rows.filter((row) => row.direct_key === null).map(({ id }) => id),
      previewed,
    ),
    lastMessagesFor(db, userId, rows),
    countMentions(
      db,
      userId,
      rows.filter((row) => row.last_number > row.last_read_number).map((row) => row.id),
    ),
  ])
  const others = members.filter((member) => member.user_id !== userId)
  const people = await peopleById(
    db,
    rows.flatMap((row) => previewIds(row, userId, others)),
  )
  return rows.map((row) => ({
    ...renderShared(row),
    members_preview: previewIds(row, userId, others).map((id) => people.get(id) ?? departed(id, row.created_at)),
    last_message: lastMessages.find((message) => message.conversation_id === row.id) ?? null,
    unread_count: row.last_number - row.last_read_number,
    mention_count: mentions.get(row.id) ?? 0,
    my_role: row.role as Conversation['my_role'],
    last_read_seq: row.last_read_seq,
    muted_until: row.muted_until,
    pinned: row.pinned_at !== null,
    archived: row.archived_at !== null,
    updated_at: row.updated_at,
  }))
}

/** Of a direct conversation the other one, also when that account is no more. */
function previewIds(row: MembershipRow, userId: string, others: readonly PreviewMember[]): string[] {
  if (row.direct_key !== null) return row.direct_key.split(':').filter((id) => id !== userId)
  return others
    .filter((member) => member.conversation_id === row.id)
    .slice(0, previewed - 1)
    .map((member) => member.user_id)
}

export async function peopleById(
  db: Db,
  ids: readonly string[],
  known: readonly PublicUser[] = [],
): Promise<Map<string, PublicUser>> {
  const people = new Map(known.map((user) => [user.id, user]))
  const missing = ids.filter((id) => !people.has(id))
  for (const user of await listPublicUsers(db, missing)) people.set(user.id, user)
  return people
}

/** What someone wrote outlives the account. */
export const departed = (id: string, at: string): PublicUser => ({
  id,
  username: 'departed',
  display_name: null,
  bio: null,
  avatar: null,
  created_at: at,
})
