import type { Kysely } from 'kysely'
import type { AuditChainTable, AuditSealsTable } from './schema-audit.ts'
import type { AnnouncementsTable, SettingChangesTable, SettingsTable } from './schema-console.ts'
import type { FileRemovalsTable, FilesTable, FileUploadsTable, FileUsageTable, FileUsesTable } from './schema-files.ts'
import type { IdempotencyKeysTable } from './schema-idempotency.ts'
import type {
  BookmarksTable,
  ConversationBansTable,
  ConversationInvitesTable,
  ConversationMembersTable,
  ConversationPinsTable,
  ConversationsTable,
  MessageAttachmentsTable,
  MessageEditsTable,
  MessageHidesTable,
  MessageMentionsTable,
  MessageReactionsTable,
  MessageSearchProgressTable,
  MessageSearchTable,
  MessagesTable,
} from './schema-messaging.ts'
import type {
  NotificationDigestsTable,
  NotificationPreferencesTable,
  NotificationsTable,
  PushSubscriptionsTable,
} from './schema-notifications.ts'
import type { BansTable, BlocksTable, FriendRequestsTable, FriendshipsTable, ReportsTable } from './schema-people.ts'
import type { PlacesTable, UserLocationsTable } from './schema-places.ts'
import type { PresenceConnectionsTable, PresenceInstancesTable, PresenceTable } from './schema-presence.ts'
import type {
  ApiKeysTable,
  AuditEventsTable,
  DevicesTable,
  IdentitiesTable,
  LoginThrottlesTable,
  MailsTable,
  OneTimeTokensTable,
  PasskeysTable,
  RecoveryCodesTable,
  ReservedNamesTable,
  RolesTable,
  TotpCredentialsTable,
} from './schema-security.ts'
import type { DataTablesTable } from './schema-tables.ts'
import type { BrowserReportsTable, ErasuresTable } from './schema-trust.ts'
import type { WebhookDeliveriesTable, WebhooksTable } from './schema-webhooks.ts'

export type * from './schema-audit.ts'
export type * from './schema-console.ts'
export type * from './schema-files.ts'
export type * from './schema-idempotency.ts'
export type * from './schema-messaging.ts'
export type * from './schema-notifications.ts'
export type * from './schema-people.ts'
export type * from './schema-places.ts'
export type * from './schema-presence.ts'
export type * from './schema-security.ts'
export type * from './schema-tables.ts'
export type * from './schema-trust.ts'
export type * from './schema-webhooks.ts'

/** Every table of ours, as rows come from the drivers: times are ISO strings, yes/no is 0 or 1, on all three engines. */
export interface Database {
  installation: InstallationTable
  streams: StreamsTable
  events: EventsTable
  users: UsersTable
  user_roles: UserRolesTable
  sessions: SessionsTable
  conversations: ConversationsTable
  conversation_members: ConversationMembersTable
  messages: MessagesTable
  message_edits: MessageEditsTable
  message_reactions: MessageReactionsTable
  message_attachments: MessageAttachmentsTable
  message_mentions: MessageMentionsTable
  message_hides: MessageHidesTable
  message_search: MessageSearchTable
  message_search_progress: MessageSearchProgressTable
  conversation_invites: ConversationInvitesTable
  conversation_bans: ConversationBansTable
  conversation_pins: ConversationPinsTable
  bookmarks: BookmarksTable
  audit_events: AuditEventsTable
  audit_seals: AuditSealsTable
  audit_chain: AuditChainTable
  mails: MailsTable
  one_time_tokens: OneTimeTokensTable
  login_throttles: LoginThrottlesTable
  devices: DevicesTable
  reserved_names: ReservedNamesTable
  totp_credentials: TotpCredentialsTable
  recovery_codes: RecoveryCodesTable
  passkeys: PasskeysTable
  identities: IdentitiesTable
  roles: RolesTable
  api_keys: ApiKeysTable
  presence: PresenceTable
  presence_instances: PresenceInstancesTable
  presence_connections: PresenceConnectionsTable
  notifications: NotificationsTable
  notification_preferences: NotificationPreferencesTable
  notification_digests: NotificationDigestsTable
  push_subscriptions: PushSubscriptionsTable
  friendships: FriendshipsTable
  friend_requests: FriendRequestsTable
  blocks: BlocksTable
  reports: ReportsTable
  bans: BansTable
  files: FilesTable
  file_uses: FileUsesTable
  file_uploads: FileUploadsTable
  file_removals: FileRemovalsTable
  file_usage: FileUsageTable
  places: PlacesTable
  user_locations: UserLocationsTable
  data_tables: DataTablesTable
  idempotency_keys: IdempotencyKeysTable
  webhooks: WebhooksTable
  settings: SettingsTable
  setting_changes: SettingChangesTable
  announcements: AnnouncementsTable
  webhook_deliveries: WebhookDeliveriesTable
  erasures: ErasuresTable
  browser_reports: BrowserReportsTable
}

/** A connection or an open transaction: repositories take one as first argument and never keep it. */
export type Db = Kysely<Database>

/** Facts about this installation that outlive a process: `epoch`, `setup_token_hash`. */
export interface InstallationTable {
  name: string
  value: string
}

export interface StreamsTable {
  /** `conversation:<id>` or `user:<id>`. */
  id: string
  /** `seq` of the newest event, 0 before the first. */
  head: number
  /** `seq` of the oldest event still kept, 1 at the start. */
  tail: number
  /** Milliseconds since 1970 by the database's clock. */
  changed_at: number
}

export interface EventsTable {
  stream_id: string
  seq: number
  type: string
  /** JSON of ids only, never content: erasing the row erases it everywhere. */
  refs: string
  created_at: string
}

export interface UsersTable {
  id: string
  username: string
  /** Canonical form that is unique: see `accounts/identity.ts`. */
  username_key: string
  email: string
  email_key: string
  email_verified: number
  /** PHC string of argon2id; null when the user has no password. */
  password_hash: string | null
  status: string
  display_name: string | null
  /** Lower-case form that search finds by its beginning. */
  display_name_key: string | null
  first_name: string | null
  last_name: string | null
  bio: string | null
  locale: string | null
  time_zone: string | null
  date_of_birth: string | null
  country: string | null
  last_login_at: string | null
  created_at: string
  updated_at: string
  version: number
  /**
   * `person`, `guest` or `service`. The last two have no address, nor has a person whose provider told none: theirs ends
   * in `.invalid` (RFC 2606).
   */
  kind: string
  /** When an account that waits for its deletion is erased. */
  erase_at: string | null
  /** The address that becomes the account's once it is confirmed. */
  pending_email: string | null
  /** Kept by the two-factor module, so that an account can say it without asking there. */
  mfa_enabled: number
  /** JSON of the privacy settings; null: all as they are for a new account. */
  privacy: string | null
  /** One of the privacy settings once more, for the search to ask. */
  searchable: number
  /** Kept by moderation: until then the account is shut out; null: it is not. */
  banned_until: string | null
  /** The picture of the person. */
  avatar_file_id: string | null
}

export interface UserRolesTable {
  user_id: string
  role: string
}

export interface SessionsTable {
  id: string
  user_id: string
  /** How often the refresh token was swapped: the only one that counts is the token with this number. */
  refresh_counter: number
  rotated_at: string
  /** Idle end, moved by each swap. */
  expires_at: string
  /** End that nothing moves. */
  absolute_expires_at: string
  /** 1: cookies outlive the browser. */
  remember: number
  /** `cookie` or `body`; a cookie session never hands tokens to scripts. */
  delivery: string
  method: string
  aal: number
  auth_time: number
  device_name: string | null
  user_agent: string
  ip: string
  created_at: string
  last_seen_at: string
  revoked_at: string | null
  revoked_reason: string | null
  /** The known device it was opened on. */
  device_id: string | null
  /** The administrator who acts as this user. */
  impersonator_id: string | null
  /** Their own session: this one ends with it, and gives it back when it is left. */
  impersonator_session_id: string | null
}
