import { defineErrors } from '../../platform/errors.ts'

export const oauthErrors = defineErrors({
  oauth_state_invalid: [
    'malformed',
    'This sign-in has ended or was begun in another browser',
    'Begin again. A sign-in through a provider works once, for 10 minutes, in the browser it was begun in.',
  ],
  access_denied: ['forbidden', 'The provider was not allowed to tell who you are', 'Begin again and allow it there.'],
  provider_error: [
    'upstream',
    'The sign-in provider could not be used',
    'Try again later or sign in another way. The log of this server says what was wrong with its answer.',
  ],
  provider_unavailable: [
    'unavailable',
    'The sign-in provider cannot be reached',
    'Try again after Retry-After, or sign in another way; every other way works. The log of this server says why.',
  ],
  email_missing: [
    'forbidden',
    'The provider told no e-mail address',
    'Accounts here need one. Allow the provider to tell it, or register with an address first.',
  ],
  account_exists_link_first: [
    'conflict',
    'An account with this address exists already',
    'Sign in to it the way you did before, then link the provider in the settings of the account.',
  ],
  identity_linked_elsewhere: [
    'conflict',
    'This identity belongs to another account here',
    'Sign in with it and unlink it there, or choose another identity at the provider.',
  ],
})
