import type { User } from '@atrium/client'

type Holder = Pick<User, 'permissions'>

/** The rule of the server: a page shows only what its calls would be allowed. */
export function may({ permissions }: Holder, permission: string): boolean {
  const [resource] = permission.split(':')
  return permissions.some((held) => held === '*' || held === permission || held === `${resource}:*`)
}

export const adminPages = [
  { to: '/admin/overview', label: 'overview', permission: 'metrics:read' },
  { to: '/admin/users', label: 'users', permission: 'users:read' },
  { to: '/admin/roles', label: 'roles', permission: 'roles:read' },
  { to: '/admin/tables', label: 'tables', permission: 'tables:read' },
  { to: '/admin/reports', label: 'reports', permission: 'reports:read' },
  { to: '/admin/bans', label: 'bans', permission: 'bans:read' },
  { to: '/admin/audit', label: 'audit', permission: 'audit:read' },
  { to: '/admin/mails', label: 'mails', permission: 'mails:read' },
  { to: '/admin/limits', label: 'limits', permission: 'limits:read' },
] as const

/** Where the administration begins for this person; undefined when none of it is theirs. */
export const firstAdminPage = (user: Holder): (typeof adminPages)[number]['to'] | undefined =>
  adminPages.find(({ permission }) => may(user, permission))?.to
