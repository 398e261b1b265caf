import type { Database } from './schema.ts'

/** The compiler asks for each new table here: one that is missing could be offered as a table of others. */
const own: Record<keyof Database, true> = {
  installation: true,
  streams: true,
  events: true,
  users: true,
  user_roles: true,
  sessions: true,
  conversations: true,
  conversation_members: true,
  messages: true,
  message_attachments: true,
  message_edits: true,
  message_reactions: true,
  message_mentions: true,
  message_hides: true,
  message_search: true,
  message_search_progress: true,
  conversation_invites: true,
  conversation_bans: true,
  conversation_pins: true,
  bookmarks: true,
  audit_events: true,
  audit_seals: true,
  audit_chain: true,
  mails: true,
  one_time_tokens: true,
  login_throttles: true,
  devices: true,
  reserved_names: true,
  totp_credentials: true,
  recovery_codes: true,
  passkeys: true,
  identities: true,
  roles: true,
  api_keys: true,
  presence: true,
  presence_instances: true,
  presence_connections: true,
  notifications: true,
  notification_preferences: true,
  notification_digests: true,
  push_subscriptions: true,
  friendships: true,
  friend_requests: true,
  blocks: true,
  reports: true,
  bans: true,
  files: true,
  file_uses: true,
  file_uploads: true,
  file_removals: true,
  file_usage: true,
  places: true,
  user_locations: true,
  data_tables: true,
  idempotency_keys: true,
  webhooks: true,
  settings: true,
  setting_changes: true,
  announcements: true,
  webhook_deliveries: true,
  erasures: true,
  browser_reports: true,
}

/** Those that others refer to come first. */
export const ownTables: readonly string[] = Object.keys(own)

/** The indexes of SQLite for words and for places have tables of their own. */
const indexes = /^(message_search|places_area|user_locations_area)(_|$)/

/** In which is written what modules keep here. */
const ofModules = new Set(['module_tables', 'module_migrations'])

/** Whether a table of this name is ours, where ours lie in the same database. */
export const isOwnTable = (name: string): boolean => {
  const lower = name.toLowerCase()
  return Object.hasOwn(own, lower) || lower === 'migrations' || ofModules.has(lower) || indexes.test(lower)
}
