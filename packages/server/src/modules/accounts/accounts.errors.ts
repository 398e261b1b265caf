import { defineErrors } from '../../platform/errors.ts'

export const accountErrors = defineErrors({
  current_password_incorrect: [
    'unauthenticated',
    'Current password incorrect',
    'Type the password you sign in with now.',
  ],
  import_unreadable: [
    'malformed',
    'This file cannot be read as a list of accounts',
    'Give CSV with a header line, a JSON array of objects, or one JSON object a line; in UTF-8.',
  ],
  username_taken: ['conflict', 'Username already taken', 'Choose another name.'],
  last_admin: ['conflict', 'This is the last administrator', 'Make somebody else an administrator first.'],
  email_taken: ['conflict', 'Email already registered', 'Sign in instead, or use another address.'],
})
