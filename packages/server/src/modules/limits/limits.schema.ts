import { type Static, Type } from 'typebox'

/** Somebody who is refused for a while. */
export const RateLimitBlock = Type.Object(
  {
    key: Type.String({ description: 'Names the counter; tells nothing of whom it counts' }),
    limit: Type.String({ description: 'The name of the limit, as in the RateLimit header' }),
    retry_after: Type.Integer({ description: 'Seconds until it ends by itself' }),
  },
  { title: 'RateLimitBlock' },
)
export type RateLimitBlock = Static<typeof RateLimitBlock>
