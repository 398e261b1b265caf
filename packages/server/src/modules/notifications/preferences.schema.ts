import { type Static, type TOptional, Type } from 'typebox'
import { nullable, strict } from '../../platform/http/schemas.ts'
import { type Channel, type NotificationType, notificationTypeNames } from './notification-types.schema.ts'

const ofTypes = <T>(value: T) => Object.fromEntries(notificationTypeNames.map((name) => [name, value]))

const switches = { in_app: Type.Boolean(), email: Type.Boolean(), push: Type.Boolean() } satisfies Record<
  Channel,
  unknown
>
export const NotificationChannels = Type.Object(switches, { title: 'NotificationChannels' })
const SomeChannels = Type.Partial(Type.Object(switches), { ...strict, title: 'NotificationChannelsChange' })

const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', maxLength: 5, examples: ['22:00'] })
export const QuietHours = Type.Object(
  {
    start: TimeOfDay,
    end: TimeOfDay,
    time_zone: Type.String({ minLength: 1, maxLength: 64, examples: ['Europe/Berlin'] }),
  },
  { ...strict, title: 'QuietHours', description: 'By the clocks of that zone; the end may be on the next day' },
)

const rest = {
  quiet_hours: nullable(QuietHours),
  digest: Type.Union([Type.Literal('off'), Type.Literal('hourly'), Type.Literal('daily')], {
    description: 'How often at most what is unread is mailed',
  }),
  push_previews: Type.Boolean({ description: 'Whether pushes carry the text of messages' }),
}

export const NotificationPreferences = Type.Object(
  { ...(ofTypes(NotificationChannels) as Record<NotificationType, typeof NotificationChannels>), ...rest },
  { title: 'NotificationPreferences' },
)
export type NotificationPreferences = Static<typeof NotificationPreferences>

export const NotificationPreferencesChange = Type.Object(
  {
    ...(ofTypes(Type.Optional(SomeChannels)) as Record<NotificationType, TOptional<typeof SomeChannels>>),
    quiet_hours: Type.Optional(rest.quiet_hours),
    digest: Type.Optional(rest.digest),
    push_previews: Type.Optional(rest.push_previews),
  },
  { ...strict, title: 'NotificationPreferencesChange', description: 'What is not named is as by default' },
)
export type NotificationPreferencesChange = Static<typeof NotificationPreferencesChange>
