import type { EphemeralData, EphemeralType, EventHandler, EventType, LiveState, StreamHandlers } from './events.ts'
import type { Api, Http } from './http/api.ts'
import type { IssuedTokens } from './session/credentials.ts'
import type { AnyTable, TableClient, TableTypes } from './tables.ts'
import type {
  Attachment,
  Avatar,
  Conversation,
  EmailSignIn,
  EmailVerification,
  FileList,
  FilePatch,
  GuestUpgrade,
  IdentityProof,
  List,
  Login,
  MemberReceipt,
  Message,
  MessageFormat,
  MessageHit,
  MessageSearch,
  MessageVersion,
  Meta,
  MfaVerification,
  NewConversation,
  PasskeyRequest,
  PasskeySignIn,
  PasswordChange,
  PasswordReset,
  Problem,
  ProfilePatch,
  PublicUser,
  Quote,
  Reaction,
  ReadPosition,
  Registration,
  RegistrationResult,
  Session,
  Setup,
  SignedLink,
  SignInOptions,
  SignInResult,
  StoredFile,
  User,
} from './types.ts'

export type Unsubscribe = () => void

/**
 * Why nobody is signed in any more: `logged_out` by this person in this browser; otherwise the server's word
 * (`expired`, `revoked`, `password_changed`, `suspended`, `refresh_reused` …).
 */
export type SignedOutReason = 'logged_out' | 'expired' | 'revoked' | (string & {})

/** A new object at every change, so it can be compared by identity. `unknown` until `load` or a sign-in answered. */
/** `impersonatedBy`: name of the administrator who acts as this user. */
export type SessionState =
  | { status: 'unknown'; user: null; reason: null; impersonatedBy?: undefined }
  | { status: 'signed-in'; user: User; reason: null; impersonatedBy?: string | undefined }
  | { status: 'signed-out'; user: null; reason: SignedOutReason | null; impersonatedBy?: undefined }

export interface ClientSession {
  readonly state: SessionState
  readonly user: User | null
  /** Finds out who is signed in; call it once when the page opens. Rejects with NetworkError when nobody answers. */
  load(): Promise<SessionState>
  login(input: Login): Promise<SignInResult>
  /** The second step of any way in, with the `mfa_token` of the first. */
  verifyMfa(input: MfaVerification): Promise<User>
  /** For `navigator.credentials.get`; one answer within 5 minutes. */
  passkeyOptions(request?: PasskeyRequest): Promise<PublicKeyCredentialRequestOptionsJSON>
  signInWithPasskey(input: PasskeySignIn): Promise<SignInResult>
  /** Mails a link and a code, where the address belongs to an account; answers the same for every address. */
  requestEmailSignIn(email: string): Promise<void>
  signInByEmail(input: EmailSignIn): Promise<SignInResult>
  enterAsGuest(options?: SignInOptions): Promise<User>
  /** Where addresses must be proved, the guest stays one until `verifyEmail`, which ends its session. */
  upgradeGuest(input: GuestUpgrade): Promise<RegistrationResult>
  register(input: Registration): Promise<RegistrationResult>
  /** Creates the first administrator. */
  setup(input: Setup): Promise<User>
  verifyEmail(input: EmailVerification): Promise<void>
  /** Answers the same for every address, as does the one below. */
  resendVerification(email: string): Promise<void>
  requestPasswordReset(email: string): Promise<void>
  /** Ends every session of the account. */
  completePasswordReset(input: PasswordReset): Promise<void>
  /** Lifts a lock, by the token of the mail that told of it. */
  unlock(token: string): Promise<void>
  /** Opens the calls that answer `reauthentication_required` for 10 minutes. */
  reauthenticate(proof: IdentityProof): Promise<void>
  /** Mails a code for `reauthenticate`, for accounts without a password. */
  requestIdentityCode(): Promise<void>
  /** Takes the tokens that come with an answer which raised this session, such as that of adding a second factor. */
  renew(tokens: IssuedTokens): void
  /**
   * Runs a call that answers the tokens of somebody else's session, and finds out whose: an administrator begins or
   * ends to act as a user.
   */
  exchange(call: () => Promise<IssuedTokens>): Promise<User | null>
  /** Ends this session; also in the other tabs of this browser. */
  logout(): Promise<void>
  /** Answers how many sessions ended. Without `keepCurrent` this one too. */
  logoutEverywhere(options?: { keepCurrent?: boolean }): Promise<number>
  /** Called with every new state: sign-in and sign-out here or in another tab, a changed profile, an ended session. */
  subscribe(listener: (state: SessionState) => void): Unsubscribe
}

export interface Live {
  readonly state: LiveState
  /** Stays connected while someone is signed in, until `disconnect`; finds its way back by itself. */
  connect(): void
  disconnect(): void
  subscribe(listener: (state: LiveState) => void): Unsubscribe
  /** Awaited before the next event of the same stream. A handler that throws is reported, not fatal. */
  on<Type extends EventType>(type: Type, handler: EventHandler<Type>): Unsubscribe
  onStreams(handlers: StreamHandlers): Unsubscribe
  /** What nobody keeps: typing, presence, how far others have read. Whoever is not connected never hears of it. */
  onEphemeral<Type extends EphemeralType>(type: Type, handler: (data: EphemeralData[Type]) => void): Unsubscribe
  /** Sends a command over the socket, such as `typing.start`. Rejects with ApiError, or NetworkError while not live. */
  send<Answer = unknown>(command: string, input: object): Promise<Answer>
  /** The server ended the connection; after `shutdown`, `slow_consumer` and `expired` it is made again by itself. */
  onEnded(listener: (reason: string) => void): Unsubscribe
}

/** A message on its way. It leaves the outbox when the server has it. */
export interface Pending {
  readonly clientId: string
  readonly conversationId: string
  readonly text: string
  readonly format?: MessageFormat
  /** What it answers, to be shown until the server's message takes its place. */
  readonly replyTo?: Quote
  /** First message of the thread it belongs to. */
  readonly threadId?: string
  /** Uploaded before. */
  readonly attachments?: readonly Attachment[]
  readonly createdAt: string
  /** `sending` includes waiting for the server to come back; `failed` waits for `retry` or `discard`. */
  readonly state: 'sending' | 'failed'
  /** Why it failed. */
  readonly error?: Problem
}

export type SendOptions = Pick<Pending, 'format' | 'replyTo' | 'threadId' | 'attachments'>

export interface Outbox {
  /** Takes the message at once; it is sent in order, across lost connections and reloads, exactly once. */
  send(conversationId: string, text: string, options?: SendOptions): Pending
  /** Oldest first; the same array until something changes. */
  pending(conversationId: string): readonly Pending[]
  retry(clientId: string): void
  discard(clientId: string): void
  subscribe(listener: () => void): Unsubscribe
  /** The server has it: `message` takes the place of the pending one with the same client id. */
  onSent(listener: (message: Message) => void): Unsubscribe
}

/** Where the outbox survives a reload; `localStorage` fits. */
export type OutboxStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Which part of a conversation: newest first, except after `after`. One of before, after, around, at. */
export interface MessageRange {
  before?: number
  after?: number
  around?: number
  /** A moment: around the first message since then. */
  at?: string
  /** Only the replies of the thread that began with this message. */
  thread?: string
  limit?: number
}

export interface Conversations {
  /** The picture of a group or channel. */
  setAvatar(id: string, file: Blob): Promise<Avatar>
  removeAvatar(id: string): Promise<void>
  list(cursor?: string): Promise<List<Conversation>>
  /** Those this person pinned, at most 100; `list` answers them as well. */
  pinned(): Promise<List<Conversation>>
  get(id: string): Promise<Conversation>
  /** Answers the existing one where there is one. */
  create(input: NewConversation): Promise<Conversation>
  messages(id: string, range?: MessageRange): Promise<List<Message>>
  /** `seq` of the newest message that was seen; never goes back. */
  markRead(id: string, seq: number): Promise<ReadPosition>
  /** The message at `seq` and those after it count as unread again. */
  markUnread(id: string, seq: number): Promise<ReadPosition>
  /** How far the members have read, of those who show it to those who show theirs. */
  receipts(id: string): Promise<MemberReceipt[]>
  /** Newest pin first. */
  pins(id: string): Promise<Message[]>
  pin(id: string, messageId: string, on: boolean): Promise<void>
}

export interface Messages {
  get(id: string): Promise<Message>
  edit(id: string, text: string): Promise<Message>
  delete(id: string, target: 'me' | 'everyone'): Promise<void>
  /** Answers all reactions of the message, with `mine`; undefined when one was taken back. */
  react(id: string, emoji: string, on: boolean): Promise<Reaction[] | undefined>
  /** What it said before it was edited, oldest first. */
  history(id: string): Promise<MessageVersion[]>
  search(query: MessageSearch): Promise<List<MessageHit>>
  /** Newest first. */
  bookmarks(): Promise<Message[]>
  bookmark(id: string, on: boolean): Promise<void>
}

export interface People {
  search(text: string, cursor?: string): Promise<List<PublicUser>>
  /** By id or by username, with or without `@`. */
  get(user: string): Promise<PublicUser>
}

export interface Account {
  setAvatar(file: Blob): Promise<Avatar>
  removeAvatar(): Promise<void>
  get(): Promise<User>
  /** With `version` refused by `precondition_failed` when the profile was changed elsewhere meanwhile. */
  update(patch: ProfilePatch, version?: number): Promise<User>
  changePassword(input: PasswordChange): Promise<void>
}

export interface Sessions {
  list(): Promise<List<Session>>
  /** Needs a recent proof of identity: `reauthentication_required` otherwise. */
  revoke(id: string): Promise<void>
  /** Answers how many ended. Needs a recent proof of identity too. */
  revokeOthers(): Promise<number>
}

export interface UploadProgress {
  sent: number
  total: number
  /** The connection is cut or the server busy: it goes on by itself. */
  isWaiting: boolean
}

export interface UploadOptions {
  /** The file's own when absent. */
  name?: string
  purpose?: 'file' | 'attachment'
  visibility?: 'private' | 'public'
  onProgress?: (progress: UploadProgress) => void
  /** Gives the upload up, and what the server has of it. */
  signal?: AbortSignal
}

export interface Files {
  list(cursor?: string): Promise<FileList>
  get(id: string): Promise<StoredFile>
  update(id: string, patch: FilePatch): Promise<StoredFile>
  delete(id: string): Promise<void>
  /** An address that opens it to whoever has it, for some seconds (up to 7 days). */
  link(id: string, expiresIn: number, download?: boolean): Promise<SignedLink>
  /** Survives cuts: it goes on where the server is. Rejects with ApiError, or the signal's reason. */
  upload(file: Blob, options?: UploadOptions): Promise<StoredFile>
}

export interface ClientOptions {
  /** Origin of the server; the page's own when absent. */
  baseUrl?: string
  fetch?: (request: Request) => Promise<Response>
  /** Where unsent messages survive; `localStorage` in browsers when absent. */
  storage?: OutboxStorage
  /** `body` for programs without cookies: the client keeps the tokens in memory and sends them itself. */
  tokenDelivery?: 'cookie' | 'body'
  /** Headers of the socket handshake, where the platform lets them be set (not in browsers). */
  socketHeaders?: Record<string, string>
  /** Whether other pages of this origin share the cookies and are told of sign-in and sign-out: yes in browsers. */
  tabs?: boolean
  /** Where errors of the app's own event handlers go; the console when absent. */
  onError?: (error: unknown) => void
}

export interface AtriumClient {
  /** Every route, typed by the server's OpenAPI document: `await client.api.GET('/api/v1/meta')` is its content. */
  readonly api: Api
  /** The same with the headers of the answer; its calls reject with ApiError or NetworkError too. */
  readonly http: Http
  readonly session: ClientSession
  readonly live: Live
  readonly outbox: Outbox
  readonly conversations: Conversations
  readonly messages: Messages
  readonly people: People
  readonly account: Account
  readonly sessions: Sessions
  readonly files: Files
  /** A table: its rows, and what becomes of them. `tablesOf` has the same, typed. */
  data<Table extends TableTypes = AnyTable>(table: string): TableClient<Table>
  meta(): Promise<Meta>
  /** Lets go of sockets, timers and channels; the client is not used afterwards. */
  close(): void
}
