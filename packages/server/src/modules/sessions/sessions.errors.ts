import { defineErrors } from '../../platform/errors.ts'

export const sessionErrors = defineErrors({
  token_invalid: [
    'unauthenticated',
    'This token cannot be used',
    'Sign in again, or make a new API key. Tokens are accepted in the cookie or in Authorization: Bearer, API keys also in X-API-Key.',
  ],
  token_expired: [
    'unauthenticated',
    'The access token has ended',
    'Call POST /api/v1/auth/refresh and repeat the request.',
  ],
  session_revoked: ['unauthenticated', 'This session has ended', 'Sign in again.'],
  refresh_invalid: ['unauthenticated', 'This session cannot be continued', 'Sign in again.'],
  refresh_reused: [
    'unauthenticated',
    'This session was ended because an old token came back',
    'Sign in again. If it was not you, change your password: a copy of your cookies may be in other hands.',
  ],
  account_suspended: ['forbidden', 'This account is suspended', 'Ask an administrator.'],
})
