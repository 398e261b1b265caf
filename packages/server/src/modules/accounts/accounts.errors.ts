import { defineErrors } from '../../platform/errors.ts'

export const accountErrors = defineErrors({
  invalid_credentials: [
    'unauthenticated',
    'Invalid credentials',
    'Check the name and the password. Which of the two is wrong is not told.',
  ],
  current_password_incorrect: [
    'unauthenticated',
    'Current password incorrect',
    'Type the password you sign in with now.',
  ],
  username_taken: ['conflict', 'Username already taken', 'Choose another name.'],
  email_taken: ['conflict', 'Email already registered', 'Sign in instead, or use another address.'],
})
