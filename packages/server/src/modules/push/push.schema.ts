import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'

const Base64Url = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+={0,2}$' })

export const NewPushSubscription = Type.Object(
  {
    endpoint: Type.String({ minLength: 1, maxLength: 2048, description: 'https address of the push service' }),
    keys: Type.Object({ p256dh: Base64Url(128), auth: Base64Url(64) }, strict),
    expirationTime: Type.Optional(nullable(Type.Number({ description: 'As browsers say it; not used' }))),
  },
  { ...strict, title: 'NewPushSubscription', description: 'What PushSubscription.toJSON() of a browser gives' },
)
export type NewPushSubscription = Static<typeof NewPushSubscription>

export const PushSubscriptionView = Type.Object(
  {
    id: Id,
    service: Type.String({ description: 'Host of the push service' }),
    user_agent: Type.String(),
    current: Type.Boolean({ description: 'Made in the session that asks' }),
    created_at: Time,
  },
  { title: 'PushSubscription' },
)
export type PushSubscriptionView = Static<typeof PushSubscriptionView>

export const VapidPublicKey = Type.Object(
  { public_key: Type.String({ description: 'applicationServerKey of a subscription, base64url' }) },
  { title: 'VapidPublicKey' },
)
