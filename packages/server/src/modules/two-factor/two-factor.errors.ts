import { defineErrors } from '../../platform/errors.ts'

export const twoFactorErrors = defineErrors({
  mfa_invalid: [
    'unauthenticated',
    'This second step did not work',
    'Use a fresh code, a recovery code that was not used, or a passkey of this account; after 5 minutes sign in anew.',
  ],
  last_login_method: [
    'conflict',
    'This is the only way left to sign in',
    'Set a password or add another way to sign in, then remove this one.',
  ],
})
