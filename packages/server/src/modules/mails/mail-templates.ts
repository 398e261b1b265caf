/** Every mail there is, with what its words are filled with. `link` is a whole address with the token in its fragment. */
export interface MailData {
  verify_email: { name: string; link: string; code: string }
  account_exists: { name: string; sign_in_link: string; reset_link: string }
  reset_password: { name: string; link: string; code: string }
  password_changed: { name: string }
  password_set: { name: string }
  confirm_email: { name: string; link: string; code: string }
  email_change_requested: { name: string; new_email: string }
  email_changed: { name: string; new_email: string }
  username_changed: { name: string; username: string }
  account_locked: { name: string; link: string; minutes: number }
  sign_in: { name: string; link: string; code: string }
  confirm_identity: { name: string; code: string }
  session_ended_by_reuse: { name: string }
  mfa_enabled: { name: string }
  mfa_disabled: { name: string }
  totp_added: { name: string }
  totp_removed: { name: string }
  recovery_codes_created: { name: string }
  recovery_code_used: { name: string; left: number }
  passkey_added: { name: string; passkey: string }
  passkey_removed: { name: string; passkey: string }
  identity_linked: { name: string; provider: string }
  identity_unlinked: { name: string; provider: string }
  account_claimed: { name: string; provider: string }
  api_key_created: { name: string; key_name: string }
  deletion_requested: { name: string; erase_at: string; link: string }
  deletion_cancelled: { name: string }
  account_suspended: { name: string }
  account_suspended_until: { name: string; until: string }
  account_activated: { name: string }
  roles_changed: { name: string; roles: string }
  mfa_reset: { name: string }
  impersonated: { name: string; reason: string }
  notification_digest: { name: string; count: number; items: readonly string[]; link: string; settings_link: string }
}

export type MailTemplate = keyof MailData
