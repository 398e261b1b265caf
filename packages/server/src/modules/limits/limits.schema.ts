import { type Static, Type } from 'typebox'
import { nullable } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

/** Somebody who is refused for a while. */
export const RateLimitBlock = Type.Object(
  {
    key: Type.String({ description: 'Names the counter; tells nothing of whom it counts' }),
    limit: Type.String({ description: 'The name of the limit, as in the RateLimit header' }),
    user: Type.Union([PublicUser, Type.Null()], {
      description: 'Whose requests are refused, where they are counted by account, session or API key',
    }),
    network: nullable(
      Type.String({
        description: 'Whence requests are refused, where they are counted by network: an address, or a /64',
      }),
    ),
    retry_after: Type.Integer({ description: 'Seconds until it ends by itself' }),
  },
  { title: 'RateLimitBlock' },
)
export type RateLimitBlock = Static<typeof RateLimitBlock>
