import { type Static, Type } from 'typebox'
import { defineEvent } from '../../platform/events/event-types.ts'
import { Id, nullable, pageOf, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'
import { Avatar } from '../files/index.ts'
import { Message } from './message.schema.ts'

export const ConversationKind = Type.Union([Type.Literal('direct'), Type.Literal('group'), Type.Literal('channel')])
export const MemberRole = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')])
export type MemberRole = Static<typeof MemberRole>
const Posting = Type.Union([Type.Literal('members'), Type.Literal('admins')], { description: 'Who may write' })
const Title = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })
const Description = Type.String({ maxLength: 1000 })

const shared = {
  id: Id,
  kind: ConversationKind,
  title: nullable(Type.String()),
  description: nullable(Type.String()),
  avatar: Type.Union([Avatar, Type.Null()], { description: 'The picture of a group or channel' }),
  public: Type.Boolean({ description: 'A channel that everyone may find and join' }),
  history_open: Type.Boolean({ description: 'Who joins sees what was written before' }),
  posting: Posting,
  member_count: Type.Integer(),
  created_at: Time,
  version: Type.Integer(),
}
/** What all its members see alike. */
export const SharedConversation = Type.Object(shared, { title: 'SharedConversation' })
export type SharedConversation = Static<typeof SharedConversation>

export const Conversation = Type.Object(
  {
    ...shared,
    members_preview: Type.Array(PublicUser, { description: 'Some of the others' }),
    last_message: Type.Union([Message, Type.Null()]),
    unread_count: Type.Integer(),
    mention_count: Type.Integer({ description: 'Unread messages that name the caller, or everyone' }),
    my_role: MemberRole,
    last_read_seq: Type.Integer(),
    muted_until: nullable(Time),
    pinned: Type.Boolean(),
    archived: Type.Boolean(),
    updated_at: Time,
  },
  { title: 'Conversation' },
)
export type Conversation = Static<typeof Conversation>

export const NewConversation = Type.Object(
  {
    kind: ConversationKind,
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    member_ids: Type.Optional(Type.Array(Id, { maxItems: 100, uniqueItems: true })),
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    public: Type.Optional(Type.Boolean()),
    history_open: Type.Optional(Type.Boolean()),
    posting: Type.Optional(Posting),
  },
  { ...strict, title: 'NewConversation' },
)
export type NewConversation = Static<typeof NewConversation>

/** What is everyone's (title …) needs the role; `muted_until`, `pinned` and `archived` are one's own view. */
export const ConversationChange = Type.Object(
  {
    title: Type.Optional(Title),
    description: Type.Optional(nullable(Description)),
    public: Type.Optional(Type.Boolean()),
    history_open: Type.Optional(Type.Boolean()),
    posting: Type.Optional(Posting),
    muted_until: Type.Optional(nullable(Type.String({ format: 'date-time', maxLength: 40 }))),
    pinned: Type.Optional(Type.Boolean()),
    archived: Type.Optional(Type.Boolean()),
  },
  { ...strict, title: 'ConversationChange', minProperties: 1 },
)
export type ConversationChange = Static<typeof ConversationChange>

export const ConversationQuery = Type.Object(
  {
    archived: Type.Optional(Type.Boolean({ default: false })),
    pinned: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type ConversationQuery = Static<typeof ConversationQuery>

export const PlaceQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type PlaceQuery = Static<typeof PlaceQuery>
export const ChannelQuery = Type.Object(
  { ...PlaceQuery.properties, search: Type.Optional(Type.String({ maxLength: 100 })) },
  strict,
)
export type ChannelQuery = Static<typeof ChannelQuery>

export const MemberQuery = Type.Object(
  {
    ...PlaceQuery.properties,
    search: Type.Optional(Type.String({ maxLength: 100, description: 'How the name begins' })),
  },
  strict,
)
export type MemberQuery = Static<typeof MemberQuery>

/** A channel that one may join, or has joined. */
export const Channel = Type.Object({ ...shared, joined: Type.Boolean() }, { title: 'Channel' })
export type Channel = Static<typeof Channel>
export const ChannelList = pageOf(Channel, 'ChannelList')

export const Member = Type.Object({ user: PublicUser, role: MemberRole, joined_at: Time }, { title: 'Member' })
export type Member = Static<typeof Member>
export const MemberList = pageOf(Member, 'MemberList')
export const NewMember = Type.Object(
  { user_id: Id, role: Type.Optional(Type.Union([Type.Literal('admin'), Type.Literal('member')])) },
  { ...strict, title: 'NewMember' },
)
export type NewMember = Static<typeof NewMember>
export const RoleChange = Type.Object({ role: MemberRole }, { ...strict, title: 'RoleChange' })

export const Ban = Type.Object({ user: PublicUser, banned_by: Id, created_at: Time }, { title: 'Ban' })
export type Ban = Static<typeof Ban>
export const BanList = pageOf(Ban, 'BanList')

export const NewInvite = Type.Object(
  {
    max_uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    expires_at: Type.Optional(Type.String({ format: 'date-time', maxLength: 40 })),
  },
  { ...strict, title: 'NewInvite' },
)
export type NewInvite = Static<typeof NewInvite>
const invite = {
  id: Id,
  created_by: Id,
  max_uses: nullable(Type.Integer()),
  uses: Type.Integer(),
  expires_at: nullable(Time),
  created_at: Time,
}
export const Invite = Type.Object(invite, { title: 'Invite' })
export type Invite = Static<typeof Invite>
export const InviteList = Type.Object({ data: Type.Array(Invite) }, { title: 'InviteList' })
export const CreatedInvite = Type.Object(
  { ...invite, code: Type.String({ description: 'Shown this once' }), url: Type.String() },
  { title: 'CreatedInvite' },
)
export type CreatedInvite = Static<typeof CreatedInvite>
/** What an invitation leads to, for who holds it. */
export const InvitePreview = Type.Object(
  { conversation: SharedConversation, joined: Type.Boolean() },
  { title: 'InvitePreview' },
)
export type InvitePreview = Static<typeof InvitePreview>

export const MemberChange = Type.Object(
  {
    conversation_id: Id,
    user: PublicUser,
    action: Type.Union([
      Type.Literal('added'),
      Type.Literal('joined'),
      Type.Literal('left'),
      Type.Literal('removed'),
      Type.Literal('banned'),
      Type.Literal('role'),
    ]),
    by: nullable(Id),
    role: Type.Union([MemberRole, Type.Null()], { description: 'Null for who is no member any more' }),
    member_count: Type.Integer(),
  },
  { title: 'MemberChange' },
)
export type MemberChange = Static<typeof MemberChange>
export const ConversationRef = Type.Object({ conversation_id: Id }, { title: 'ConversationRef' })

export const conversationCreated = defineEvent('conversation.created', Conversation)
/** In the conversation's stream what all share; in a `user:` stream one's own view. */
export const conversationUpdated = defineEvent(
  'conversation.updated',
  Type.Union([Conversation, SharedConversation], { title: 'Conversation or SharedConversation' }),
)
export const conversationMember = defineEvent('conversation.member', MemberChange)
/** No longer this person's: left, removed, or deleted for all. */
export const conversationRemoved = defineEvent('conversation.removed', ConversationRef)

export const conversationStream = (id: string): string => `conversation:${id}`
