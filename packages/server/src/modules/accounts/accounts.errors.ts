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
  user_not_found: ['not_found', 'There is no such user', 'Check the name; people who left are not shown.'],
  setup_done: ['not_found', 'There is nothing here', 'An administrator exists already; sign in.'],
  setup_token_invalid: [
    'unauthenticated',
    'This setup link cannot be used',
    'Take the newest link the server printed at its start.',
  ],
})
