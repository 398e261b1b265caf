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
export type Person = Pick<PublicUser, 'id' | 'username' | 'display_name'>
export type ProfilePatch = Schemas['ProfilePatch']
export type PasswordChange = Schemas['PasswordChange']

/** The first factor was right; the second one is asked for. */
export type MfaRequired = Schemas['MfaRequired']

// How tokens are delivered is the client's own matter.
export type Login = Omit<Schemas['Login'], 'token_delivery'>
export type Registration = Omit<Schemas['Registration'], 'token_delivery'>
/** The first administrator, with the token the server printed at its first start. */
export type Setup = Omit<Schemas['Setup'], 'token_delivery'>

/** One place where the account is signed in; `current` is this client's. */
export type Session = Schemas['Session']
/** What a client has to know before anyone signs in. */
export type Meta = Schemas['Meta']

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
