import type { User } from '@atrium/client'

type Holder = Pick<User, 'permissions'>

/** The rule of the server: a page shows only what its calls would be allowed. */
export function may({ permissions }: Holder, permission: string): boolean {
  const [resource] = permission.split(':')
  return permissions.some((held) => held === '*' || held === permission || held === `${resource}:*`)
}

/** In the order in which they are shown; those of a group stand together. */
export const adminPages = [
  { to: '/admin/overview', label: 'overview', group: 'start', permission: 'metrics:read' },
  { to: '/admin/users', label: 'users', group: 'people', permission: 'users:read' },
  { to: '/admin/roles', label: 'roles', group: 'people', permission: 'roles:read' },
  { to: '/admin/sessions', label: 'sessions', group: 'people', permission: 'users:read' },
  { to: '/admin/reports', label: 'reports', group: 'people', permission: 'reports:read' },
  { to: '/admin/bans', label: 'bans', group: 'people', permission: 'bans:read' },
  { to: '/admin/limits', label: 'limits', group: 'people', permission: 'limits:read' },
  { to: '/admin/files', label: 'files', group: 'content', permission: 'storage:read' },
  { to: '/admin/tables', label: 'tables', group: 'content', permission: 'tables:read' },
  { to: '/admin/audit', label: 'audit', group: 'records', permission: 'audit:read' },
  { to: '/admin/mails', label: 'mails', group: 'records', permission: 'mails:read' },
  { to: '/admin/webhooks', label: 'webhooks', group: 'server', permission: 'webhooks:read' },
  { to: '/admin/announcements', label: 'announcements', group: 'content', permission: 'announcements:read' },
  { to: '/admin/settings', label: 'settings', group: 'server', permission: 'settings:read' },
  { to: '/admin/backups', label: 'backups', group: 'server', permission: 'backups:read' },
  { to: '/admin/cache', label: 'cache', group: 'server', permission: 'cache:read' },
  { to: '/admin/jobs', label: 'jobs', group: 'server', permission: 'jobs:read' },
  { to: '/admin/browsers', label: 'browsers', group: 'server', permission: 'health:read' },
] as const

export const adminGroups = ['start', 'people', 'content', 'records', 'server'] as const

/** Where the administration begins for this person; undefined when none of it is theirs. */
export const firstAdminPage = (user: Holder): (typeof adminPages)[number]['to'] | undefined =>
  adminPages.find(({ permission }) => may(user, permission))?.to
