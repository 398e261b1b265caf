import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { auditTypes } from './audit-types.ts'

const src = join(import.meta.dirname, '../..')
const code = globSync('**/*.ts', { cwd: src })
  .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('audit-types.ts'))
  .map((file) => readFileSync(join(src, file), 'utf8'))
  // Events of streams, mails and reasons have names that are alike.
  .filter((text) => /audit\.record\(|AuditEntry/.test(text))

/** Types whose occasion does not exist yet, and which one it will be. */
const comingTypes: Record<string, string> = {
  backup_created: 'no backups yet',
  backup_restored: 'no backups yet',
  data_import: 'nothing can be imported yet',
  ...Object.fromEntries(
    [
      ...['mfa_succeeded', 'user_activated', 'user_suspended', 'impersonation_started', 'impersonation_ended'],
      ...['password_reset_requested', 'password_reset_completed', 'email_verification_created'],
      ...['email_verification_completed', 'email_change_requested', 'email_changed', 'username_changed'],
      ...['identity_linked', 'identity_unlinked', 'user_deleted', 'user_deactivated', 'deletion_requested'],
      ...['deletion_cancelled', 'api_key_created', 'api_key_updated', 'api_key_rotated', 'api_key_revoked'],
      ...['password_changed', 'mfa_enabled', 'mfa_disabled', 'passkey_added', 'passkey_removed'],
    ].map((type) => [type, 'comes with its feature, in this release']),
  ),
}

it('D01: every type of event is written down somewhere', () => {
  const written = (type: string) => code.some((text) => new RegExp(`['"]${type}['"]`).test(text))
  const silent = Object.keys(auditTypes).filter((type) => !written(type) && !(type in comingTypes))
  expect(silent).toEqual([])
})
