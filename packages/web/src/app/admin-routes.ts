import { type AnyRoute, createRoute, redirect } from '@tanstack/react-router'
import { firstAdminPage } from '../features/admin/rights.ts'
import { client } from './client.ts'
import { withWords } from './i18n.ts'
import { page } from './routes.ts'

/** The pages of administrators, below the member's frame. */
export function adminRoutes<Parent extends AnyRoute>(member: Parent) {
  const admin = createRoute({
    getParentRoute: () => member,
    path: '/admin',
    beforeLoad: () => {
      // Whoever may see none of it is led away, and the server would say no to every call.
      if (client.session.user && !firstAdminPage(client.session.user))
        throw redirect({ to: '/messages', replace: true })
    },
    component: page('admin', () => import('../features/admin/admin-page.tsx'), 'AdminPage'),
  })
  const start = createRoute({
    getParentRoute: () => admin,
    path: '/',
    beforeLoad: () => {
      const to = client.session.user ? firstAdminPage(client.session.user) : undefined
      throw redirect({ to: to ?? '/messages', replace: true })
    },
  })
  const overview = createRoute({
    getParentRoute: () => admin,
    path: '/overview',
    component: page('dashboard', () => import('../features/dashboard/dashboard-page.tsx'), 'DashboardPage'),
  })
  const users = createRoute({
    getParentRoute: () => admin,
    path: '/users',
    component: page('admin', () => import('../features/admin/users-page.tsx'), 'UsersPage'),
  })
  const user = createRoute({
    getParentRoute: () => admin,
    path: '/users/$userId',
    component: page('admin', () => import('../features/admin/user-page.tsx'), 'UserPage'),
  })
  const roles = createRoute({
    getParentRoute: () => admin,
    path: '/roles',
    component: page('admin', () => import('../features/admin/roles-page.tsx'), 'RolesPage'),
  })
  // With the words of the rows themselves, which say what a condition or a value is.
  const tables = createRoute({
    getParentRoute: () => admin,
    path: '/tables',
    component: page(
      'exposure',
      () => withWords('tables', import('../features/exposure/tables-page.tsx')),
      'TablesPage',
    ),
  })
  const table = createRoute({
    getParentRoute: () => admin,
    path: '/tables/$table',
    component: page(
      'exposure',
      () => withWords('tables', import('../features/exposure/table-settings-page.tsx')),
      'TableSettingsPage',
    ),
  })
  const reports = createRoute({
    getParentRoute: () => admin,
    path: '/reports',
    component: page('moderation', () => import('../features/moderation/reports-page.tsx'), 'ReportsPage'),
  })
  const bans = createRoute({
    getParentRoute: () => admin,
    path: '/bans',
    component: page('moderation', () => import('../features/moderation/bans-page.tsx'), 'BansPage'),
  })
  const audit = createRoute({
    getParentRoute: () => admin,
    path: '/audit',
    component: page('admin', () => import('../features/admin/audit-page.tsx'), 'AuditPage'),
  })
  const mails = createRoute({
    getParentRoute: () => admin,
    path: '/mails',
    component: page('admin', () => import('../features/admin/mails-page.tsx'), 'MailsPage'),
  })
  const webhooks = createRoute({
    getParentRoute: () => admin,
    path: '/webhooks',
    component: page('webhooks', () => import('../features/webhooks/webhooks-page.tsx'), 'WebhooksPage'),
  })
  const limits = createRoute({
    getParentRoute: () => admin,
    path: '/limits',
    component: page('admin', () => import('../features/admin/limits-page.tsx'), 'LimitsPage'),
  })
  const sessionsPage = page(
    'console',
    () => withWords('account', import('../features/console/sessions-page.tsx')),
    'SessionsPage',
  )
  const sessions = createRoute({ getParentRoute: () => admin, path: '/sessions', component: sessionsPage })
  const sessionsOf = createRoute({ getParentRoute: () => admin, path: '/sessions/$userId', component: sessionsPage })
  const filesPage = page('console', () => import('../features/console/files-page.tsx'), 'AdminFilesPage')
  const files = createRoute({ getParentRoute: () => admin, path: '/files', component: filesPage })
  const filesOf = createRoute({ getParentRoute: () => admin, path: '/files/$userId', component: filesPage })
  const jobs = createRoute({
    getParentRoute: () => admin,
    path: '/jobs',
    component: page('console', () => import('../features/console/jobs-page.tsx'), 'JobsPage'),
  })
  const settings = createRoute({
    getParentRoute: () => admin,
    path: '/settings',
    component: page('console', () => import('../features/console/settings-page.tsx'), 'SettingsPage'),
  })
  const backups = createRoute({
    getParentRoute: () => admin,
    path: '/backups',
    component: page('console', () => import('../features/console/backups-page.tsx'), 'BackupsPage'),
  })
  const cache = createRoute({
    getParentRoute: () => admin,
    path: '/cache',
    component: page('console', () => import('../features/console/cache-page.tsx'), 'CachePage'),
  })
  const browsers = createRoute({
    getParentRoute: () => admin,
    path: '/browsers',
    component: page('doctor', () => import('../features/doctor/reports-page.tsx'), 'BrowserReportsPage'),
  })
  const announcements = createRoute({
    getParentRoute: () => admin,
    path: '/announcements',
    component: page('console', () => import('../features/console/announcements-page.tsx'), 'AnnouncementsPage'),
  })
  const server = [announcements, settings, backups, cache, browsers]
  const content = [tables, table, files, filesOf]
  const people = [users, user, roles, sessions, sessionsOf, reports, bans, limits]
  return admin.addChildren([start, overview, ...people, ...content, audit, mails, webhooks, jobs, ...server])
}
