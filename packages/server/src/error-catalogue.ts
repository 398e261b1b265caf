import { accountErrors } from './modules/accounts/index.ts'
import { fileErrors } from './modules/files/index.ts'
import { lockoutErrors } from './modules/lockout/index.ts'
import { messagingErrors } from './modules/messaging/index.ts'
import { oauthErrors } from './modules/oauth/index.ts'
import { oneTimeErrors } from './modules/one-time/index.ts'
import { peopleErrors } from './modules/people/index.ts'
import { placesErrors } from './modules/places/index.ts'
import { sessionErrors } from './modules/sessions/index.ts'
import { signInErrors } from './modules/sign-in/index.ts'
import { tablesErrors } from './modules/tables/index.ts'
import { twoFactorErrors } from './modules/two-factor/index.ts'
import { type ErrorTable, platformErrors } from './platform/errors.ts'
import { accessErrors } from './platform/policy.ts'
import { transportErrors } from './platform/realtime/transport-door.ts'

export const errorTables: readonly ErrorTable[] = [
  platformErrors.table,
  accessErrors.table,
  transportErrors.table,
  sessionErrors.table,
  accountErrors.table,
  oneTimeErrors.table,
  twoFactorErrors.table,
  signInErrors.table,
  lockoutErrors.table,
  oauthErrors.table,
  messagingErrors.table,
  peopleErrors.table,
  placesErrors.table,
  fileErrors.table,
  tablesErrors.table,
]

/** Every code this server can answer; the problem pages and the reference page come from it. */
export const errorCatalogue: ErrorTable = Object.fromEntries(
  errorTables.flatMap((table) => Object.entries(table)).sort(([a], [b]) => a.localeCompare(b)),
)
