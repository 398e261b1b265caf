import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const src = join(import.meta.dirname, '../src')

const files = globSync('**/*.ts', { cwd: src }).filter((file) => !file.endsWith('.test.ts'))
const read = (file: string) => readFileSync(join(src, file), 'utf8')

/** Who may name a table in a query: the room that owns it. */
const owners: Record<string, string> = {
  installation: 'platform/db|modules/accounts',
  migrations: 'platform/db',
  webhooks: 'modules/webhooks',
  webhook_deliveries: 'modules/webhooks',
  settings: 'modules/settings',
  setting_changes: 'modules/settings',
  announcements: 'modules/announcements',
  streams: 'platform',
  events: 'platform',
  users: 'modules/accounts',
  user_roles: 'modules/accounts',
  sessions: 'modules/sessions',
  conversations: 'modules/messaging',
  conversation_members: 'modules/messaging',
  messages: 'modules/messaging',
  message_edits: 'modules/messaging',
  message_reactions: 'modules/messaging',
  message_mentions: 'modules/messaging',
  message_attachments: 'modules/messaging',
  message_hides: 'modules/messaging',
  message_search: 'modules/messaging',
  message_search_progress: 'modules/messaging',
  conversation_invites: 'modules/messaging',
  conversation_bans: 'modules/messaging',
  conversation_pins: 'modules/messaging',
  bookmarks: 'modules/messaging',
  audit_events: 'modules/audit',
  audit_seals: 'modules/audit',
  audit_chain: 'modules/audit',
  mails: 'modules/mails',
  one_time_tokens: 'modules/one-time',
  login_throttles: 'modules/lockout',
  devices: 'modules/devices',
  reserved_names: 'modules/accounts',
  totp_credentials: 'modules/two-factor',
  recovery_codes: 'modules/two-factor',
  passkeys: 'modules/two-factor',
  identities: 'modules/oauth',
  roles: 'modules/roles',
  api_keys: 'modules/api-keys',
  presence: 'modules/presence',
  presence_instances: 'modules/presence',
  presence_connections: 'modules/presence',
  notifications: 'modules/notifications',
  notification_preferences: 'modules/notifications',
  notification_digests: 'modules/notifications',
  push_subscriptions: 'modules/push',
  friendships: 'modules/people',
  friend_requests: 'modules/people',
  blocks: 'modules/people',
  reports: 'modules/moderation',
  bans: 'modules/moderation',
  files: 'modules/files',
  file_uses: 'modules/files',
  file_uploads: 'modules/files',
  file_removals: 'modules/files',
  file_usage: 'modules/files',
  places: 'modules/places',
  user_locations: 'modules/places',
  data_tables: 'modules/tables',
  _atrium_installation: 'platform/db',
  _atrium_migrations: 'platform/db',
  _atrium_deleted: 'modules/tables',
  _atrium_revisions: 'modules/tables',
  _atrium_idempotency: 'platform',
  idempotency_keys: 'platform',
  erasures: 'modules/accounts',
  browser_reports: 'modules/browser-check',
}

/** Reads across a border that are meant: one query where two would cost every request or every reconnect. */
const joins: Record<string, readonly string[]> = {
  // Session, user and roles decide a request together.
  'modules/sessions/sessions.repository.ts': ['users', 'user_roles'],
  // Key, owner and roles decide a request together.
  'modules/api-keys/api-keys.repository.ts': ['users', 'user_roles'],
  // Readable streams with their bounds, for thousands of conversations at once.
  'modules/messaging/conversations.repository.ts': ['streams'],
}

const queried = (text: string): string[] =>
  [...text.matchAll(/\.(?:selectFrom|innerJoin|leftJoin|insertInto|updateTable|deleteFrom)\(\s*'(\w+)/g)].map(
    (match) => match[1] ?? '',
  )

it('a table is queried by its owner', () => {
  const strangers = files
    .filter((file) => !file.startsWith('platform/db/'))
    .flatMap((file) => queried(read(file)).map((table) => ({ file, table })))
    .filter(({ file, table }) => !new RegExp(`^(${owners[table]})/`).test(file) && !joins[file]?.includes(table))
  expect(strangers).toEqual([])
})

it('every table has an owner, and every owner exists', () => {
  const declared = [...read('platform/db/schema.ts').matchAll(/^ {2}(\w+): \w+Table$/gm)].map((match) => match[1] ?? '')
  expect(declared.length).toBeGreaterThan(5)
  expect(declared.filter((table) => !(table in owners))).toEqual([])
})

it('no engine is named outside its dialect', () => {
  const named = files
    .filter((file) => !file.startsWith('platform/db/') && !file.startsWith('config/'))
    .filter((file) => /['"`](sqlite|postgres|postgresql|mariadb|mysql)['"`]|dialect\.name/.test(read(file)))
  expect(named).toEqual([])
})

/** `modules/<room>`: a large one has folders of its own. */
const roomOf = (file: string): string => file.split('/').slice(0, 2).join('/')

it('a room is entered by its door', () => {
  const doors = files.flatMap((file) =>
    [...read(file).matchAll(/from '(\.[^']+)'/g)]
      .map((match) => relative(src, join(src, dirname(file), match[1] ?? '')))
      .filter((target) => target.startsWith('modules/') && !target.endsWith('index.ts'))
      .filter((target) => roomOf(target) !== roomOf(file))
      .map((target) => ({ file, target })),
  )
  expect(doors).toEqual([])
})
