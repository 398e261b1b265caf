import type { DatabaseHandle } from '../../platform/db/database.ts'
import { definePurpose, type OneTimeTokens } from '../one-time/index.ts'
import type { PasskeyPurpose } from './passkeys.schema.ts'
import { readClientData } from './webauthn.ts'

type Use = PasskeyPurpose | 'register'

/** The token is the challenge: 32 random bytes in base64url. */
const challengePurpose = definePurpose<{ use: Use; userId: string | null }>({
  name: 'passkey_challenge',
  lifeSeconds: 300,
  newestOnly: false,
})

export const challengeLifeSeconds = challengePurpose.lifeSeconds

/** Challenges are answered once: whatever is wrong with the answer, the challenge is gone. */
export class PasskeyChallenges {
  readonly #deps: { database: DatabaseHandle; oneTime: OneTimeTokens }

  constructor(deps: { database: DatabaseHandle; oneTime: OneTimeTokens }) {
    this.#deps = deps
  }

  async issue(use: Use, userId: string | undefined): Promise<string> {
    const { database, oneTime } = this.#deps
    const data = { use, userId: userId ?? null }
    const { token } = await database.unitOfWork(({ tx }) =>
      oneTime.issue(tx, challengePurpose, userId ?? 'anyone', data),
    )
    return token
  }

  /** The challenge an answer was made for, when it was this use's and this user's and is answered for the first time. */
  async burn(clientDataJSON: string, use: Use, userId: string | undefined): Promise<string | undefined> {
    const { database, oneTime } = this.#deps
    const challenge = readClientData(clientDataJSON)?.challenge
    if (challenge === undefined || challenge.length > 64) return undefined
    const ticket = await oneTime.find(database.db, challengePurpose, challenge)
    if (!ticket) return undefined
    // On its own and committed: what follows may fail without bringing the challenge back.
    if (!(await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket)))) return undefined
    return ticket.data.use === use && ticket.data.userId === (userId ?? null) ? challenge : undefined
  }
}
