import type { UsersTable } from '../../platform/db/schema.ts'
import type { PrivacyPatch, PrivacySettings } from './privacy.schema.ts'

const initial: PrivacySettings = {
  who_may_message: 'everyone',
  show_presence: 'everyone',
  show_last_seen: 'everyone',
  send_read_receipts: true,
  searchable: true,
}

/** All settings of an account; what was never chosen is as it is for everyone at first. */
export function readPrivacy({ privacy }: Pick<UsersTable, 'privacy'>): PrivacySettings {
  return privacy === null ? initial : { ...initial, ...(JSON.parse(privacy) as PrivacyPatch) }
}

/** The columns after a change; null takes every choice back. */
export function privacyColumns(
  row: Pick<UsersTable, 'privacy'>,
  patch: PrivacyPatch | null,
): Pick<UsersTable, 'privacy' | 'searchable'> {
  const chosen = patch === null ? null : { ...(JSON.parse(row.privacy ?? '{}') as PrivacyPatch), ...patch }
  return {
    privacy: chosen === null ? null : JSON.stringify(chosen),
    searchable: (chosen?.searchable ?? initial.searchable) ? 1 : 0,
  }
}
