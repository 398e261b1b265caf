import type { Db } from '../../platform/db/schema.ts'
import {
  type Channels,
  channels,
  isNotificationType,
  type NotificationType,
  notificationTypeNames,
  notificationTypes,
} from './notification-types.schema.ts'
import { listPreferenceRows, type PreferencesRow } from './preferences.repository.ts'
import type { QuietHours } from './quiet-hours.ts'

/** How often at most somebody is mailed what they have not read. */
export const digests = { off: undefined, hourly: 3_600, daily: 86_400 } as const
export type Digest = keyof typeof digests

export interface Preferences {
  types: Readonly<Record<NotificationType, Channels>>
  quietHours: QuietHours | null
  digest: Digest
  /** Whether pushes carry text of messages. */
  pushPreviews: boolean
}

export const defaultPreferences: Preferences = {
  types: notificationTypes,
  quietHours: null,
  digest: 'hourly',
  pushPreviews: true,
}

/** What differs from the defaults is stored, so that a default that changes counts for those who never chose. */
export function differences(types: Preferences['types']): string {
  const changed = notificationTypeNames.flatMap((type) => {
    const entries = channels
      .filter((channel) => types[type][channel] !== notificationTypes[type][channel])
      .map((channel) => [channel, types[type][channel]])
    return entries.length > 0 ? [[type, Object.fromEntries(entries)]] : []
  })
  return JSON.stringify(Object.fromEntries(changed))
}

export function toPreferences(row: PreferencesRow): Preferences {
  const changed = JSON.parse(row.types) as Partial<Record<string, Partial<Channels>>>
  const types: Record<NotificationType, Channels> = { ...notificationTypes }
  for (const [type, change] of Object.entries(changed)) {
    if (isNotificationType(type)) types[type] = { ...types[type], ...change }
  }
  return {
    types,
    quietHours: row.quiet_hours === null ? null : (JSON.parse(row.quiet_hours) as QuietHours),
    digest: row.digest in digests ? (row.digest as Digest) : defaultPreferences.digest,
    pushPreviews: row.push_previews === 1,
  }
}

/** What these people want; a function, so that who never chose costs nothing. */
export async function preferencesOf(db: Db, userIds: readonly string[]): Promise<(userId: string) => Preferences> {
  const rows = await listPreferenceRows(db, userIds)
  const known = new Map(rows.map((row) => [row.user_id, toPreferences(row)]))
  return (userId) => known.get(userId) ?? defaultPreferences
}
