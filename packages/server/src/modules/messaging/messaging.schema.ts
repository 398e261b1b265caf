import { type Static, Type } from 'typebox'
import { defineEvent } from '../../platform/events/event-types.ts'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

export const Message = Type.Object(
  {
    id: Id,
    conversation_id: Id,
    seq: Type.Integer({ description: 'Place in the stream of the conversation' }),
    number: Type.Integer({ description: 'Counts messages only, without holes' }),
    sender: PublicUser,
    client_id: Type.String(),
    text: Type.String(),
    edited_at: nullable(Time),
    deleted_at: nullable(Time),
    created_at: Time,
    version: Type.Integer(),
    deduplicated: Type.Optional(
      Type.Boolean({ description: 'This client_id had been sent before; nothing was added' }),
    ),
  },
  { title: 'Message' },
)
export type Message = Static<typeof Message>

export const Conversation = Type.Object(
  {
    id: Id,
    kind: Type.Literal('direct'),
    title: nullable(Type.String()),
    members_preview: Type.Array(PublicUser, { description: 'The others' }),
    last_message: Type.Union([Message, Type.Null()]),
    unread_count: Type.Integer(),
    my_role: Type.String(),
    last_read_seq: Type.Integer(),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'Conversation' },
)
export type Conversation = Static<typeof Conversation>

export const NewConversation = Type.Object(
  {
    kind: Type.Literal('direct'),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    member_ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 1 })),
  },
  { ...strict, title: 'NewConversation' },
)
export type NewConversation = Static<typeof NewConversation>

/** Visible characters, so that an id survives every log and header. */
const ClientId = Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' })
const Text = Type.String({ minLength: 1, maxLength: 4000, pattern: '\\S' })

export const NewMessage = Type.Object({ client_id: ClientId, text: Text }, { ...strict, title: 'NewMessage' })
export type NewMessage = Static<typeof NewMessage>

export const SendMessage = Type.Object(
  {
    conversation_id: Type.Optional(Id),
    to_username: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    client_id: ClientId,
    text: Text,
  },
  { ...strict, title: 'SendMessage' },
)
export type SendMessage = Static<typeof SendMessage>

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
export const ReadPosition = Type.Object({ seq: Seq }, { ...strict, title: 'ReadPosition' })
export const ReadMessage = Type.Object({ conversation_id: Id, seq: Seq }, { ...strict, title: 'ReadMessage' })
export type ReadMessage = Static<typeof ReadMessage>
export const ReadAnswer = Type.Object(
  { last_read_seq: Type.Integer(), unread_count: Type.Integer() },
  { title: 'ReadAnswer' },
)
export type ReadAnswer = Static<typeof ReadAnswer>

export const MessageQuery = Type.Object(
  {
    before: Type.Optional(Seq),
    after: Type.Optional(Seq),
    around: Type.Optional(Seq),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  strict,
)
export type MessageQuery = Static<typeof MessageQuery>

export const Receipt = Type.Object(
  { conversation_id: Id, user_id: Id, delivered_seq: Type.Integer(), read_seq: Type.Integer(), at: nullable(Time) },
  { title: 'Receipt' },
)

export const messageCreated = defineEvent('message.created', Message)
export const conversationCreated = defineEvent('conversation.created', Conversation)
/** One's own read position, for one's other devices. */
export const messageReceipt = defineEvent('message.receipt', Receipt)

export const conversationStream = (id: string): string => `conversation:${id}`
