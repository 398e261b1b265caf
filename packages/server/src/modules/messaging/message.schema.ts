import { type Static, Type } from 'typebox'
import { defineEvent } from '../../platform/events/event-types.ts'
import { Id, nullable, pageOf, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'
import { Attachment } from '../files/index.ts'

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Visible characters, so that an id survives every log and header. */
const ClientId = Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' })
const Text = Type.String({ minLength: 1, maxLength: 4000, pattern: '\\S' })

export type { Attachment }

const Format = Type.Union([Type.Literal('plain'), Type.Literal('markdown')], {
  description: 'How clients show the text; the text itself is never HTML',
})
export const Emoji = Type.String({ minLength: 1, maxLength: 32 })

/** What a reply shows of the message it answers. */
export const Quote = Type.Object(
  {
    id: Id,
    seq: Type.Integer(),
    sender: PublicUser,
    text: Type.String({ description: 'The beginning; empty when it was deleted' }),
    attachments: Type.Array(Attachment),
    deleted_at: nullable(Time),
  },
  { title: 'Quote' },
)

export const Reaction = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer(),
    mine: Type.Optional(Type.Boolean({ description: 'Over REST only: an event is the same for all its receivers' })),
  },
  { title: 'Reaction' },
)
export type Reaction = Static<typeof Reaction>

export const Message = Type.Object(
  {
    id: Id,
    conversation_id: Id,
    seq: Type.Integer({ description: 'Place in the stream of the conversation' }),
    number: Type.Integer({ description: 'Counts messages only, without holes' }),
    sender: PublicUser,
    client_id: Type.String(),
    text: Type.String({ description: 'Empty once the message was deleted' }),
    format: Format,
    reply_to: Type.Union([Quote, Type.Null()]),
    thread_id: nullable(Id),
    reply_count: Type.Integer({ description: 'Messages in the thread that began with this one' }),
    attachments: Type.Array(Attachment),
    mentions: Type.Array(Type.String({ description: 'Id of a member, or `all`' })),
    reactions: Type.Array(Reaction),
    pinned: Type.Boolean(),
    edited_at: nullable(Time),
    deleted_at: nullable(Time),
    created_at: Time,
    version: Type.Integer({ description: 'Grows with every change; of two, the higher is the newer' }),
    deduplicated: Type.Optional(
      Type.Boolean({ description: 'This client_id had been sent before; nothing was added' }),
    ),
  },
  { title: 'Message' },
)
export type Message = Static<typeof Message>

const content = {
  client_id: ClientId,
  text: Type.Optional(Type.String({ maxLength: 4000, description: 'May be missing beside attachments' })),
  attachment_ids: Type.Optional(
    Type.Array(Id, { maxItems: 10, uniqueItems: true, description: 'Own files that were uploaded as attachments' }),
  ),
  format: Type.Optional(Format),
  reply_to: Type.Optional(Id),
}
export const NewMessage = Type.Object(content, { ...strict, title: 'NewMessage' })
export type NewMessage = Static<typeof NewMessage>

export const SendMessage = Type.Object(
  {
    conversation_id: Type.Optional(Id),
    to_username: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    ...content,
  },
  { ...strict, title: 'SendMessage' },
)
export type SendMessage = Static<typeof SendMessage>

export const MessageEdit = Type.Object({ text: Text }, { ...strict, title: 'MessageEdit' })
export const EditMessage = Type.Object({ message_id: Id, text: Text }, { ...strict, title: 'EditMessage' })
export type EditMessage = Static<typeof EditMessage>

export const DeleteFor = Type.Union([Type.Literal('me'), Type.Literal('everyone')])
export type DeleteFor = Static<typeof DeleteFor>
export const DeleteMessage = Type.Object(
  { message_id: Id, for: Type.Optional(DeleteFor) },
  { ...strict, title: 'DeleteMessage' },
)
export type DeleteMessage = Static<typeof DeleteMessage>

export const ReactToMessage = Type.Object(
  { message_id: Id, emoji: Emoji, on: Type.Boolean() },
  { ...strict, title: 'ReactToMessage' },
)
export type ReactToMessage = Static<typeof ReactToMessage>
export const ReactionsAnswer = Type.Object({ reactions: Type.Array(Reaction) }, { title: 'ReactionsAnswer' })
export type ReactionsAnswer = Static<typeof ReactionsAnswer>

/** What a message said before it was edited, oldest first. */
export const MessageVersion = Type.Object(
  { version: Type.Integer(), text: Type.String(), edited_at: Time },
  { title: 'MessageVersion' },
)
export type MessageVersion = Static<typeof MessageVersion>
export const MessageHistory = Type.Object({ data: Type.Array(MessageVersion) }, { title: 'MessageHistory' })

export const ReadPosition = Type.Object({ seq: Seq }, { ...strict, title: 'ReadPosition' })
export const ReadMessage = Type.Object({ conversation_id: Id, seq: Seq }, { ...strict, title: 'ReadMessage' })
export type ReadMessage = Static<typeof ReadMessage>
export const ReadAnswer = Type.Object(
  { last_read_seq: Type.Integer(), unread_count: Type.Integer(), mention_count: Type.Integer() },
  { title: 'ReadAnswer' },
)
export type ReadAnswer = Static<typeof ReadAnswer>

export const MessageQuery = Type.Object(
  {
    before: Type.Optional(Seq),
    after: Type.Optional(Seq),
    around: Type.Optional(Seq),
    at: Type.Optional(
      Type.String({ format: 'date-time', maxLength: 40, description: 'Around the first message since this moment' }),
    ),
    thread: Type.Optional({ ...Id, description: 'Only the replies of the thread that began with this message' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  strict,
)
export type MessageQuery = Static<typeof MessageQuery>

export const SearchQuery = Type.Object(
  {
    q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'May be missing beside has' })),
    has: Type.Optional(Type.Literal('file', { description: 'Only messages with attachments' })),
    conversation_id: Type.Optional(Id),
    from: Type.Optional(Type.String({ maxLength: 64, description: 'Id or @username of who wrote it' })),
    before: Type.Optional(Type.String({ format: 'date-time', maxLength: 40 })),
    after: Type.Optional(Type.String({ format: 'date-time', maxLength: 40 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type SearchQuery = Static<typeof SearchQuery>

export const MessageHit = Type.Object(
  {
    message: Message,
    marks: Type.Array(
      Type.Object({ start: Type.Integer(), end: Type.Integer() }, { description: 'UTF-16 positions in the text' }),
    ),
  },
  { title: 'MessageHit' },
)
export type MessageHit = Static<typeof MessageHit>
export const MessageHitList = pageOf(MessageHit, 'MessageHitList')

export const Receipt = Type.Object(
  { conversation_id: Id, user_id: Id, delivered_seq: Type.Integer(), read_seq: Type.Integer(), at: nullable(Time) },
  { title: 'Receipt' },
)
export type Receipt = Static<typeof Receipt>
export const MemberReceipt = Type.Object(
  { user_id: Id, delivered_seq: Type.Integer(), read_seq: Type.Integer(), read_at: nullable(Time) },
  { title: 'MemberReceipt' },
)
export type MemberReceipt = Static<typeof MemberReceipt>
export const MemberReceipts = Type.Object({ data: Type.Array(MemberReceipt) }, { title: 'MemberReceipts' })

export const MessageReaction = Type.Object(
  {
    message_id: Id,
    conversation_id: Id,
    user_id: Id,
    emoji: Type.String(),
    on: Type.Boolean(),
    reactions: Type.Array(Reaction),
    version: Type.Integer(),
  },
  { title: 'MessageReaction' },
)

export const messageCreated = defineEvent('message.created', Message)
/** Edited, pinned or unpinned. */
export const messageUpdated = defineEvent('message.updated', Message)
/** Without its words. In a `user:` stream: deleted for this person only. */
export const messageDeleted = defineEvent('message.deleted', Message)
export const messageReaction = defineEvent('message.reaction', MessageReaction)
/** One's own read position, for one's other devices; that of others is told without seq. */
export const messageReceipt = defineEvent('message.receipt', Receipt)
