import type { TFunction } from 'i18next'

const known = [
  'access_denied',
  'oauth_state_invalid',
  'account_exists_link_first',
  'identity_linked_elsewhere',
  'provider_error',
  'provider_unavailable',
  'account_suspended',
  'account_inactive',
  'email_not_verified',
] as const

/** The code behind `?error=` in words; never the text of the address itself, which anyone may write. */
export function providerErrorText(code: string, t: TFunction): string {
  return t(`provider.${known.find((each) => each === code) ?? 'other'}`)
}
