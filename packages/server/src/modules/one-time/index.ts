export { definePurpose, type IssuedToken, OneTimeTokens, type Purpose, type Ticket } from './one-time-tokens.ts'
