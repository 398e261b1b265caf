import { AdminNews, type AdminNewsDependencies } from './admin-news.ts'
import { AdminSessions, type AdminSessionsDependencies } from './admin-sessions.service.ts'
import { type AdminUsersDependencies, AdminUsersService } from './admin-users.service.ts'
import { type ImpersonationDependencies, ImpersonationService } from './impersonation.service.ts'
import { UserActions, type UserActionsDependencies } from './user-actions.service.ts'

export type AdminDependencies = AdminUsersDependencies &
  ImpersonationDependencies &
  AdminNewsDependencies &
  Omit<UserActionsDependencies & AdminSessionsDependencies, 'users'>

export function buildAdmin(deps: AdminDependencies) {
  const adminUsers = new AdminUsersService(deps)
  return {
    adminUsers,
    adminNews: new AdminNews(deps),
    adminSessions: new AdminSessions({ ...deps, users: adminUsers }),
    userActions: new UserActions({ ...deps, users: adminUsers }),
    impersonation: new ImpersonationService(deps),
  }
}
