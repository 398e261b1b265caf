import { renderAvatar } from '../files/index.ts'
import type { UserRow } from './accounts.repository.ts'
import type { User } from './accounts.schema.ts'
import { readPrivacy } from './privacy.ts'

/** The account as its owner sees it. */
export function toUser(row: UserRow, roles: readonly string[], permissions: readonly string[]): User {
  const { username_key, email_key, display_name_key, password_hash, email_verified, mfa_enabled, ...rest } = row
  const { privacy, searchable, banned_until, avatar_file_id, ...user } = rest
  return {
    ...user,
    avatar: renderAvatar(avatar_file_id),
    email: row.kind === 'person' ? row.email : null,
    email_verified: email_verified === 1,
    has_password: password_hash !== null,
    mfa_enabled: mfa_enabled === 1,
    privacy_settings: readPrivacy(row),
    roles: [...roles],
    permissions: [...permissions],
  }
}
