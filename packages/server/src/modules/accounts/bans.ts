import type { UsersTable } from '../../platform/db/schema.ts'

/** Shut out for a time, which ends by itself. */
export const isBanned = ({ banned_until }: Pick<UsersTable, 'banned_until'>, now: Date): boolean =>
  banned_until !== null && banned_until > now.toISOString()
