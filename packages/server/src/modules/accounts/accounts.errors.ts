import { defineErrors } from '../../platform/errors.ts'

export const accountErrors = defineErrors({
  current_password_incorrect: [
    'unauthenticated',
    'Current password incorrect',
    'Type the password you sign in with now.',
  ],
  username_taken: ['conflict', 'Username already taken', 'Choose another name.'],
  last_admin: ['conflict', 'This is the last administrator', 'Make somebody else an administrator first.'],
  email_taken: ['conflict', 'Email already registered', 'Sign in instead, or use another address.'],
})
