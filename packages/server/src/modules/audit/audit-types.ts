/** How long events are kept, in days. */
export const retentionDays = { security: 400, access: 90, admin: 730 } as const
export type Retention = keyof typeof retentionDays

export const auditCategories = [
  'authentication',
  'session',
  'credentials',
  'account',
  'authorization',
  'data',
  'system',
] as const
export type AuditCategory = (typeof auditCategories)[number]

const event = (category: AuditCategory, retention: Retention) => ({ category, retention }) as const

/** Every kind of event, named after the OWASP logging vocabulary where the documents give no name. */
export const auditTypes = {
  message_removed: event('data', 'security'),
  place_removed: event('data', 'security'),
  file_removed: event('data', 'security'),
  login_success: event('authentication', 'access'),
  login_failed: event('authentication', 'access'),
  logout: event('authentication', 'access'),
  mfa_failed: event('authentication', 'access'),
  reauthenticated: event('authentication', 'access'),
  account_locked: event('authentication', 'security'),
  account_unlocked: event('authentication', 'security'),
  refresh_reuse: event('session', 'security'),
  session_revoked: event('session', 'security'),
  password_changed: event('credentials', 'security'),
  password_reset_requested: event('credentials', 'security'),
  password_reset_completed: event('credentials', 'security'),
  email_verification_created: event('credentials', 'security'),
  email_verification_completed: event('credentials', 'security'),
  email_change_requested: event('credentials', 'security'),
  email_changed: event('credentials', 'security'),
  username_changed: event('credentials', 'security'),
  mfa_enabled: event('credentials', 'security'),
  mfa_disabled: event('credentials', 'security'),
  recovery_codes_created: event('credentials', 'security'),
  recovery_code_used: event('authentication', 'security'),
  passkey_added: event('credentials', 'security'),
  passkey_removed: event('credentials', 'security'),
  device_trusted: event('credentials', 'security'),
  device_forgotten: event('credentials', 'security'),
  identity_linked: event('credentials', 'security'),
  identity_unlinked: event('credentials', 'security'),
  api_key_created: event('credentials', 'security'),
  api_key_updated: event('credentials', 'security'),
  api_key_rotated: event('credentials', 'security'),
  api_key_revoked: event('credentials', 'security'),
  user_created: event('account', 'admin'),
  user_updated: event('account', 'admin'),
  user_deleted: event('account', 'admin'),
  user_activated: event('account', 'admin'),
  user_deactivated: event('account', 'admin'),
  user_suspended: event('account', 'admin'),
  deletion_requested: event('account', 'admin'),
  deletion_cancelled: event('account', 'admin'),
  permission_granted: event('authorization', 'admin'),
  permission_revoked: event('authorization', 'admin'),
  role_assigned: event('authorization', 'admin'),
  role_removed: event('authorization', 'admin'),
  impersonation_started: event('authorization', 'admin'),
  impersonation_ended: event('authorization', 'admin'),
  unauthorized_access_attempt: event('authorization', 'security'),
  suspicious_activity: event('authorization', 'security'),
  report_created: event('data', 'admin'),
  report_updated: event('data', 'admin'),
  ban_created: event('authorization', 'admin'),
  ban_removed: event('authorization', 'admin'),
  conversation_ban_created: event('authorization', 'security'),
  conversation_ban_removed: event('authorization', 'security'),
  rate_limit_lifted: event('authorization', 'admin'),
  access_explained: event('authorization', 'admin'),
  admin_read: event('data', 'access'),
  data_export: event('data', 'admin'),
  data_import: event('data', 'admin'),
  mail_retried: event('system', 'admin'),
  job_run: event('system', 'admin'),
  announcement_created: event('system', 'admin'),
  announcement_updated: event('system', 'admin'),
  announcement_deleted: event('system', 'admin'),
  system_config_changed: event('system', 'admin'),
  backup_created: event('system', 'admin'),
  backup_restored: event('system', 'admin'),
  backup_verified: event('system', 'admin'),
  backup_deleted: event('system', 'admin'),
  backup_downloaded: event('system', 'admin'),
  cache_cleared: event('system', 'admin'),
} as const

/** Their facts stay when the account is erased that they are about: who was given which power, and how it began. */
export const keptFacts: readonly (keyof typeof auditTypes)[] = [
  'role_assigned',
  'role_removed',
  'permission_granted',
  'permission_revoked',
  'user_created',
  'user_updated',
  'user_deleted',
]

/** An event of a module that is not one of ours: `guest_book.entry_removed`. */
export type ModuleAuditType = `${string}.${string}`
export type AuditType = keyof typeof auditTypes
export type AddedAuditTypes = Readonly<Record<ModuleAuditType, { category: AuditCategory; retention: Retention }>>

/** The same in a filter or a subscription, where only the form can be known. */
export const moduleAuditPattern = '^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$'
