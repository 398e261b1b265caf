export { createClient } from './client.ts'
export type {
  Account,
  AtriumClient,
  ClientOptions,
  ClientSession,
  Conversations,
  Live,
  MessageRange,
  Outbox,
  OutboxStorage,
  Pending,
  People,
  SessionState,
  Sessions,
  SignedOutReason,
  Unsubscribe,
} from './contract.ts'
export { ApiError, NetworkError } from './errors.ts'
export type { EventData, EventHandler, EventType, LiveEvent, LiveState, StreamHandlers } from './events.ts'
export type { Http } from './http/api.ts'
export type {
  Conversation,
  FieldError,
  List,
  Login,
  Message,
  Meta,
  NewConversation,
  Page,
  PasswordChange,
  Person,
  Problem,
  ProfilePatch,
  PublicUser,
  ReadPosition,
  Receipt,
  Registration,
  Session,
  Setup,
  User,
} from './types.ts'
