import { defineErrors } from '../../platform/errors.ts'

export const accountErrors = defineErrors({
  current_password_incorrect: [
    'unauthenticated',
    'Current password incorrect',
    'Type the password you sign in with now.',
  ],
  username_taken: ['conflict', 'Username already taken', 'Choose another name.'],
  email_taken: ['conflict', 'Email already registered', 'Sign in instead, or use another address.'],
})
