import { type AdminUsersDependencies, AdminUsersService } from './admin-users.service.ts'
import { type ImpersonationDependencies, ImpersonationService } from './impersonation.service.ts'
import { UserActions, type UserActionsDependencies } from './user-actions.service.ts'

export type AdminDependencies = AdminUsersDependencies &
  ImpersonationDependencies &
  Omit<UserActionsDependencies, 'users'>

export function buildAdmin(deps: AdminDependencies) {
  const adminUsers = new AdminUsersService(deps)
  return {
    adminUsers,
    userActions: new UserActions({ ...deps, users: adminUsers }),
    impersonation: new ImpersonationService(deps),
  }
}
