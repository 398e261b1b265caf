export { accountEvents } from './account-events.ts'
export { listAccounts, listRolesOf } from './account-list.ts'
export { accountErrors } from './accounts.errors.ts'
export {
  type Contact,
  changeUser,
  findUser,
  findUserByIdentifier,
  forgetAvatar,
  listContacts,
  listHoldersOfRoles,
  listIdsByUsername,
  listRoles,
  lockUser,
  lockUserByEmail,
  replacePasswordHash,
  setBannedUntil,
  setMfaEnabled,
  type UserRow,
  updateLogin,
} from './accounts.repository.ts'
export { accountRoutes } from './accounts.routes.ts'
export {
  accountUpdated,
  LoginAnswer,
  MessageAnswer,
  Password,
  PublicUser,
  Registration,
  signInOptions,
  User,
} from './accounts.schema.ts'
export { AccountsService } from './accounts.service.ts'
export { AccountAdministration } from './administration.service.ts'
export { AvatarsService } from './avatars.service.ts'
export { isBanned } from './bans.ts'
export { externalEmailKey, handOver, prepareExternalUser } from './external-accounts.ts'
export type { GuestUpgraded, GuestUpgradeService } from './guest-upgrade.service.ts'
export type { Holdings } from './holdings.ts'
export { identifierKey, invalidFields } from './identity.ts'
export { type ImportRemark, ImportService } from './import.service.ts'
export { assertAdminRemains } from './last-admin.ts'
export { buildLifeCycle } from './life-cycle.ts'
export { lifeCycleRoutes } from './life-cycle-routing.ts'
export { accountTables } from './own-accounts.ts'
export { OwnPassword } from './own-password.ts'
export { PasswordHasher } from './password-hasher.ts'
export { type PasswordPolicy, passwordPolicy } from './password-policy.ts'
export type { Audience, PrivacySettings } from './privacy.schema.ts'
export { readPrivacy } from './privacy.ts'
export {
  askPrivacy,
  askPublicUsers,
  findAccountId,
  findPublicUser,
  listPrivacy,
  listPublicUsers,
  listVisibleUsers,
  searchPublicUsers,
  usersNamed,
} from './public-users.ts'
export { VerificationRequired } from './registration.schema.ts'
export type { RegistrationService } from './registration.service.ts'
export { createUser, namingConflicts, prepareUser, searchKey, upgradeGuest, userStream } from './registration.ts'
export { RegistrationRules } from './registration-rules.ts'
export { roleHolders } from './role-holders.ts'
export {
  createServiceUser,
  findServiceUser,
  listServiceUsers,
  type NewServiceUser,
  retireServiceUser,
} from './service-users.ts'
export { SetupService } from './setup.service.ts'
export { toUser } from './to-user.ts'
export { pendingSeconds, type VerificationService } from './verification.service.ts'
