export { oneTimeErrors } from './one-time.errors.ts'
export { definePurpose, type IssuedToken, OneTimeTokens, type Purpose, type Ticket } from './one-time-tokens.ts'
