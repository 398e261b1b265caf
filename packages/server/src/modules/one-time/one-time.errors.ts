import { defineErrors } from '../../platform/errors.ts'

export const oneTimeErrors = defineErrors({
  link_invalid: [
    'malformed',
    'Invalid or expired token',
    'Links and codes work once, for a while, and only the newest one. Ask for a new one.',
  ],
  too_many_attempts: ['rate_limited', 'Too many wrong codes', 'Wait, or ask for a new code.'],
})
