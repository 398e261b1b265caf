import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { notificationTypeNames, notificationTypes } from './notification-types.schema.ts'
import { insertPreferences, type PreferencesRow, updatePreferences } from './preferences.repository.ts'
import type { NotificationPreferences, NotificationPreferencesChange } from './preferences.schema.ts'
import { defaultPreferences, differences, type Preferences, preferencesOf, toPreferences } from './preferences.ts'
import { isTimeZone } from './quiet-hours.ts'

export interface PreferencesDependencies {
  database: DatabaseHandle
  now: Clock
}

/** Which notifications come, and how. */
export class PreferencesService {
  readonly #deps: PreferencesDependencies

  constructor(deps: PreferencesDependencies) {
    this.#deps = deps
  }

  async get(actor: Actor): Promise<NotificationPreferences> {
    return toAnswer((await preferencesOf(this.#deps.database.db, [actor.userId]))(actor.userId))
  }

  /** All of them at once: what is not named is as by default. Throws validation_failed. */
  async replace(actor: Actor, input: NotificationPreferencesChange): Promise<NotificationPreferences> {
    const { database, now } = this.#deps
    assertQuietHours(input.quiet_hours ?? null)
    const types = Object.fromEntries(
      notificationTypeNames.map((type) => [type, { ...notificationTypes[type], ...input[type] }]),
    ) as Preferences['types']
    const row: PreferencesRow = {
      user_id: actor.userId,
      types: differences(types),
      quiet_hours: input.quiet_hours ? JSON.stringify(input.quiet_hours) : null,
      digest: input.digest ?? defaultPreferences.digest,
      push_previews: (input.push_previews ?? defaultPreferences.pushPreviews) ? 1 : 0,
      updated_at: now().toISOString(),
    }
    const store = () =>
      database.unitOfWork(async ({ tx }) => {
        if (!(await updatePreferences(tx, row))) await insertPreferences(tx, row)
      })
    await store().catch((error: unknown) => {
      // Another request made the row at the same moment: now there is one to change.
      if (!database.dialect.isUniqueViolation(error, 'notification_preferences_pkey')) throw error
      return store()
    })
    return toAnswer(toPreferences(row))
  }
}

function assertQuietHours(quiet: NotificationPreferencesChange['quiet_hours']): void {
  if (!quiet) return
  const refuse = (pointer: string, message: string) =>
    platformErrors.validation_failed({ detail: message, members: { errors: [{ pointer, code: 'invalid', message }] } })
  if (!isTimeZone(quiet.time_zone)) throw refuse('/quiet_hours/time_zone', 'There is no such time zone')
  if (quiet.start === quiet.end) throw refuse('/quiet_hours/end', 'Must differ from the start')
}

function toAnswer({ types, quietHours, digest, pushPreviews }: Preferences): NotificationPreferences {
  return { ...types, quiet_hours: quietHours, digest, push_previews: pushPreviews }
}
