import type { components } from './generated/api.ts'

type Schemas = components['schemas']

/** RFC 9457 problem details: every error of REST and of the socket. */
export type Problem = Schemas['Problem']
export type FieldError = NonNullable<Problem['errors']>[number]
export type Page = Schemas['Page']

export interface List<Item> {
  data: Item[]
  page: Page
}

/** The account as its owner sees it. */
export type User = Schemas['User']
/** The account as everyone sees it. */
export type PublicUser = Schemas['PublicUser']
/** What is needed to show who somebody is. */
export type Person = Pick<PublicUser, 'id' | 'username' | 'display_name'> & Partial<Pick<PublicUser, 'avatar'>>
/** A square picture, by pixels a side. */
export type Avatar = NonNullable<PublicUser['avatar']>
export type ProfilePatch = Schemas['ProfilePatch']
export type PasswordChange = Schemas['PasswordChange']

// How tokens are delivered is the client's own matter.
type Undelivered<Input> = Omit<Input, 'token_delivery'>

/** `remember`: whether the sign-in outlives the browser; `device_name`: how the list of sessions calls it. */
export type SignInOptions = Undelivered<Schemas['GuestEntry']>
export type Login = Undelivered<Schemas['Login']>
export type Registration = Undelivered<Schemas['Registration']>
/** The first administrator, with the token the server printed at its first start. */
export type Setup = Undelivered<Schemas['Setup']>
/** What makes a guest a person; everything the guest has stays. */
export type GuestUpgrade = Schemas['GuestUpgrade']

/** The first factor was right; `methods` says which second ones the account has, within `expires_in` seconds. */
export type MfaRequired = Schemas['MfaRequired']
export type MfaMethod = MfaRequired['methods'][number]
/** `assertion` is what `navigator.credentials.get` answered, as JSON. */
export type MfaVerification = { mfa_token: string; trust_device?: boolean } & (
  | { method: 'totp' | 'recovery'; code: string }
  | { method: 'passkey'; assertion: object }
)
export type SignInResult = { status: 'complete'; user: User } | MfaRequired
/** `verification_required`: the address is to be proved first, by the mail that was sent. */
export type RegistrationResult =
  | { status: 'complete'; user: User }
  | { status: 'verification_required'; expires_in: number }

/** What the passkey is asked for: nothing to sign in, the `mfa_token` of the second step, or `reauthenticate`. */
export type PasskeyRequest = Schemas['PasskeyOptionsRequest']
export type PasskeySignIn = SignInOptions & { assertion: object }

/** What a mail proves its reader by: the token of its link, or the address and the code. */
export type EmailProof = { token: string } | { email: string; code: string }
export type EmailSignIn = EmailProof & SignInOptions
/** `password` in a browser that neither registered nor is signed in: see `password_required` of `link_invalid`. */
export type EmailVerification = EmailProof & { password?: string }
export type PasswordReset = EmailProof & { password: string }
/** `code` of the authenticator app (6 digits) or of a mail (8 digits). */
export type IdentityProof = { password: string } | { code: string } | { assertion: object }

/** One place where the account is signed in; `current` is this client's. */
export type Session = Schemas['Session']
/** What a client has to know before anyone signs in. */
export type Meta = Schemas['Meta']

/** A file as its owner sees it, and as a message shows it. */
export type Attachment = Schemas['Attachment']

/** `seq` is the place in the conversation's stream and names read positions; `number` counts messages only. */
export type Message = Schemas['Message']
/** As its caller sees it: `members_preview` are the others, `last_read_seq` is how far the caller has read. */
export type Conversation = Schemas['Conversation']
export type NewConversation = Schemas['NewConversation']
export type ReadPosition = Schemas['ReadAnswer']

/** How far the caller has read, told to their other devices. */

export interface Receipt {
  conversation_id: string
  user_id: string
  delivered_seq: number
  read_seq: number
  at: string | null
}

/** An event as it travels; `skipped` ones have no data. */
export type Envelope = Schemas['EventEnvelope']
export type SyncRequest = Schemas['SyncRequest']
export type SyncAnswer = Schemas['SyncAnswer']

// What an account holds besides its profile.
export type ApiKey = Schemas['ApiKey']
export type IssuedApiKey = Schemas['IssuedApiKey']
export type Webhook = Schemas['Webhook']
export type IssuedWebhook = Schemas['IssuedWebhook']
export type NewWebhook = Schemas['NewWebhook']
export type WebhookDelivery = Schemas['WebhookDelivery']
export type LinkedIdentity = Schemas['LinkedIdentity']
export type Passkey = Schemas['Passkey']
export type NewPasskey = Schemas['NewPasskey']
export type SecurityLogEntry = Schemas['SecurityLogEntry']
export type TotpEnrolment = Schemas['TotpEnrolment']
export type TrustedDevice = Schemas['TrustedDevice']

export type Reaction = Schemas['Reaction']
export type MessageFormat = Message['format']
/** What a reply shows of the message it answers. */
export type Quote = Schemas['Quote']
export type MessageVersion = Schemas['MessageVersion']
/** A message that a search found, and where in its text the words stand. */
export type MessageHit = Schemas['MessageHit']
export type MemberReceipt = Schemas['MemberReceipt']
export interface MessageSearch {
  q: string
  conversation_id?: string
  /** Id or @username of who wrote it. */
  from?: string
  before?: string
  after?: string
  limit?: number
  cursor?: string
}
export type Presence = Schemas['Presence']
export type Notification = Schemas['Notification']
export type NotificationPreferences = Schemas['NotificationPreferences']
export interface NotificationsRead {
  ids: string[]
  unread_count: number
}

/** What all members of a conversation see alike. */
export type SharedConversation = Pick<
  Conversation,
  | 'id'
  | 'kind'
  | 'title'
  | 'description'
  | 'public'
  | 'history_open'
  | 'posting'
  | 'member_count'
  | 'created_at'
  | 'version'
>

export interface MessageReaction {
  message_id: string
  conversation_id: string
  user_id: string
  emoji: string
  on: boolean
  /** All of the message's, whose ever; `version` is the message's. */
  reactions: Reaction[]
  version: number
}

export interface MemberChange {
  conversation_id: string
  user: PublicUser
  action: 'added' | 'joined' | 'left' | 'removed' | 'banned' | 'role'
  by: string | null
  /** Null for who is no member any more. */
  role: Conversation['my_role'] | null
  member_count: number
}

// How people stand to each other.
/** As one of its two sides sees it. */
export type FriendRequest = Schemas['FriendRequest']
export type Friend = Schemas['Friend']
export type Block = Schemas['Block']
export type PrivacySettings = Schemas['PrivacySettings']
export type OwnPresence = Schemas['OwnPresence']

// Groups and channels.
export type Member = Schemas['Member']
export type Channel = Schemas['Channel']
export type ConversationChange = Schemas['ConversationChange']
export type Invite = Schemas['Invite']
export type CreatedInvite = Schemas['CreatedInvite']

// Moderation.
export type NewReport = Schemas['NewReport']
/** As moderators see it. */
export type AdminReport = Schemas['AdminReport']
/** Somewhere on Earth that somebody wrote down. */
export type Place = Schemas['Place']
export type Places = Schemas['PlaceList']
export type NearbyPerson = Schemas['NearbyPerson']
export type OwnLocation = NonNullable<Schemas['OwnLocationAnswer']['location']>
/** A person or a network that is shut out of the whole server. */
export type AccessBan = Schemas['AccessBan']

export type StoredFile = Schemas['File']
/** The caller's own, newest first, with the room that all of them take. */
export type FileList = Schemas['FileList']
export type FilePatch = Schemas['FilePatch']
export type SignedLink = Schemas['SignedLink']

/** A table as this caller may see it: what it is called, and what may be done with its rows. */
export type DataTable = Schemas['DataTable']
export type DeletedRow = Schemas['DeletedRow']
export type DataTableSchema = Schemas['DataTableSchema']
export type TableColumn = DataTableSchema['columns'][number]
/** Where a column leads to rows of another table, or rows of others lead here. */
export type TableRelation = DataTableSchema['relations'][number]
/** A table as an administrator sees it, exposed or not, with what is set for it. */
export type AdminTable = Schemas['AdminTable']
export type TableSettings = AdminTable['settings']
export type TableRule = NonNullable<TableSettings['rules']>[string]
export type TableRuleTest = NonNullable<TableSettings['tests']>[number]
export type TableRuleTestResult = Schemas['TableRuleTestResult']
export type NewTable = Schemas['NewTable']
