/**
 * Every permission there is, as `resource:action`, with what it allows. A route or socket command names one of these;
 * roles and API keys are made of them.
 */
export const permissions = {
  'account:read': 'See one’s own account',
  'account:update': 'Change one’s own profile',
  'people:read': 'Search people',
  'friends:read': 'See one’s friends and friend requests',
  'friends:update': 'Ask people to be friends, answer, and end it',
  'blocks:read': 'See whom one has blocked',
  'blocks:update': 'Block people and take it back',
  'reports:create': 'Report messages, people and conversations',
  'reports:read': 'See what was reported',
  'reports:update': 'Decide on reports',
  'bans:read': 'See who is banned, people and networks',
  'bans:update': 'Ban people and networks, and let them in again',
  'conversations:read': 'See one’s conversations',
  'conversations:create': 'Begin conversations',
  'conversations:update': 'Join, leave and change conversations, and manage who is in them',
  'messages:read': 'Read messages and mark them read',
  'presence:update': 'Say how one is, and be seen as that',
  'messages:send': 'Send messages, change and delete one’s own, react to those of others',
  'moderation:remove': 'Remove messages of others, wherever they stand',
  'notifications:read': 'See one’s own notifications',
  'notifications:update': 'Mark one’s own notifications read, remove them, and choose which come',
  'files:read': 'See one’s own files, and those of others one may see',
  'files:create': 'Upload files',
  'files:update': 'Change and delete one’s own files, and make links to them',
  'events:read': 'Follow what happens in one’s own streams, messages included',
  'users:read': 'See all accounts and their sessions',
  'users:create': 'Create accounts',
  'users:update': 'Change accounts: names, addresses, roles, locks, second factors',
  'users:suspend': 'Suspend accounts and let them in again',
  'users:delete': 'Deactivate and erase accounts',
  'users:impersonate': 'Act as somebody else for a short while',
  'roles:read': 'See roles and permissions',
  'roles:update': 'Create, change and delete roles',
  'service_accounts:read': 'See service accounts and their keys',
  'service_accounts:update': 'Create and delete service accounts and their keys',
  'audit:read': 'Read the audit log',
  'audit:export': 'Export the audit log',
  'mails:read': 'See which mails were sent, to whom, and what failed',
  'mails:retry': 'Send a failed mail again',
  'limits:read': 'See who is slowed down or locked out',
  'limits:update': 'Lift limits and locks',
} as const

export type PermissionName = keyof typeof permissions

const member: readonly PermissionName[] = [
  'account:read',
  'account:update',
  'people:read',
  'friends:read',
  'friends:update',
  'blocks:read',
  'blocks:update',
  'reports:create',
  'conversations:read',
  'conversations:create',
  'conversations:update',
  'messages:read',
  'messages:send',
  'presence:update',
  'notifications:read',
  'notifications:update',
  'files:read',
  'files:create',
  'files:update',
  'events:read',
]

/** Fixed: what they grant changes with the version, never by an administrator. */
export const builtInRoles: Readonly<Record<string, { description: string; permissions: readonly string[] }>> = {
  admin: { description: 'Full access', permissions: ['*'] },
  moderator: {
    description:
      'Everything a user may, looking after reports, removing messages, banning, seeing and suspending accounts',
    permissions: [...member, 'moderation:remove', 'reports:*', 'bans:*', 'users:read', 'users:suspend'],
  },
  user: { description: 'Standard access', permissions: member },
  guest: {
    description: 'Looks around, changes nothing',
    permissions: [
      'account:read',
      'people:read',
      'friends:read',
      'blocks:read',
      'conversations:read',
      'messages:read',
      'notifications:read',
      'files:read',
      'events:read',
    ],
  },
}
