import { defineErrors } from '../../platform/errors.ts'

export const lockoutErrors = defineErrors({
  account_locked: [
    'locked',
    'Too many wrong passwords: locked for a while',
    'Wait until locked_until, open the link in the mail that was sent, or reset the password. A browser you signed in with before still works.',
  ],
})
