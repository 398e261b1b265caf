import { type Static, Type } from 'typebox'
import { Id, Time } from '../../platform/http/schemas.ts'

export const TrustedDevice = Type.Object(
  {
    id: Id,
    user_agent: Type.String(),
    ip: Type.String(),
    trusted_until: Time,
    created_at: Time,
    last_seen_at: Time,
  },
  { title: 'TrustedDevice' },
)
export type TrustedDevice = Static<typeof TrustedDevice>
