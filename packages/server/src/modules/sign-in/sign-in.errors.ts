import { defineErrors } from '../../platform/errors.ts'

export const signInErrors = defineErrors({
  invalid_credentials: [
    'unauthenticated',
    'Invalid credentials',
    'Check the name and the password. Which of the two is wrong is not told.',
  ],
  email_not_verified: [
    'forbidden',
    'The e-mail address is not confirmed yet',
    'Open the link in the mail that was sent, or ask for a new one.',
  ],
  passkey_invalid: [
    'unauthenticated',
    'This passkey was not accepted',
    'Try again with a passkey that belongs to an account here, or sign in another way.',
  ],
})
