import { type Static, Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'

const Audience = (description: string) =>
  Type.Union([Type.Literal('everyone'), Type.Literal('friends'), Type.Literal('nobody')], { description })

export const PrivacySettings = Type.Object(
  {
    who_may_message: Audience('Who may write to one directly'),
    show_presence: Audience('Who sees whether one is there'),
    show_last_seen: Audience('Who sees when one was last there'),
    send_read_receipts: Type.Boolean({ description: 'Whether others see what one has read; off hides theirs too' }),
    searchable: Type.Boolean({ description: 'Whether strangers find one by name' }),
  },
  { title: 'PrivacySettings' },
)
export type PrivacySettings = Static<typeof PrivacySettings>
export type Audience = PrivacySettings['who_may_message']

export const PrivacyPatch = Type.Partial(Type.Object(PrivacySettings.properties), { ...strict, title: 'PrivacyPatch' })
export type PrivacyPatch = Static<typeof PrivacyPatch>
