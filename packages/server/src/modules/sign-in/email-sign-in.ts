import type { ClientInfo } from '../../platform/actor.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { findUserByIdentifier, identifierKey, type UserRow } from '../accounts/index.ts'
import type { MailsService } from '../mails/index.ts'
import { definePurpose, oneTimeErrors, type Ticket } from '../one-time/index.ts'
import type { EmailSignInProof } from './sign-in.schema.ts'
import type { SignInDependencies, SignInOptions, SignInResult, SignInService } from './sign-in.service.ts'

export interface EmailSignInDependencies extends SignInDependencies {
  signIn: SignInService
  mails: MailsService
  limiter: RateLimiter
  publicUrl: URL
}

/** Ten minutes: a code that signs in must not live longer (ASVS 6.5.5). */
const signInMail = definePurpose<{ email_key: string }>({
  name: 'sign_in',
  lifeSeconds: 600,
  codeLifeSeconds: 600,
  newestOnly: true,
})
const perAddress: Limit = { name: 'email-sign-in', limit: 3, windowSeconds: 3600 }
const perNetwork: Limit = { name: 'email-sign-in-network', limit: 20, windowSeconds: 3600 }

/** The way in by a mailed link or code; for addresses that were proved before, because it must not prove one by itself. */
export class EmailSignIn {
  readonly #deps: EmailSignInDependencies

  constructor(deps: EmailSignInDependencies) {
    this.#deps = deps
  }

  /** The same answer and the same work for every address. */
  async request(email: string, client: ClientInfo): Promise<void> {
    const { database, oneTime, mails, limiter, publicUrl, lockout } = this.#deps
    const key = identifierKey(email)
    assertAllowed(await limiter.take(perNetwork, networkOf(client.ip)))
    // Known and unknown addresses are limited alike, and neither is told: the answer stays the same.
    const withinLimit = (await limiter.take(perAddress, lockout.keyOf(key))).remaining >= 0
    const row = await findUserByIdentifier(database.db, key)
    const mayMail = withinLimit && row?.email_key === key && row.email_verified === 1 && row.kind === 'person'
    await database.unitOfWork(async (uow) => {
      const subject = row?.id ?? lockout.keyOf(key)
      const { token, code, expiresAt } = await oneTime.issue(uow.tx, signInMail, subject, { email_key: key })
      if (!mayMail) return
      await mails.enqueue(uow, {
        to: row.email,
        template: 'sign_in',
        data: { name: row.display_name ?? row.username, link: `${publicUrl.origin}/sign-in#token=${token}`, code },
        locale: row.locale,
        userId: row.id,
        expiresAt,
      })
    })
  }

  /** Throws link_invalid, too_many_attempts, account_*. */
  async verify(proof: EmailSignInProof, client: ClientInfo, deviceToken: string | undefined): Promise<SignInResult> {
    const { database, oneTime, signIn } = this.#deps
    const { token: _t, code: _c, email: _e, ...options } = proof
    const ticket = await this.#ticketOf(proof)
    const used = await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket))
    if (!used) throw oneTimeErrors.link_invalid()
    return signIn.complete({
      userId: ticket.subject,
      method: 'email',
      client,
      options: options as SignInOptions,
      deviceToken,
    })
  }

  async #ticketOf(proof: EmailSignInProof): Promise<Ticket<{ email_key: string }>> {
    const { database, oneTime } = this.#deps
    if (proof.token !== undefined) {
      const ticket = await oneTime.find(database.db, signInMail, proof.token)
      const row = ticket && (await findUserByIdentifier(database.db, ticket.data.email_key))
      if (!ticket || !isStill(row, ticket)) throw oneTimeErrors.link_invalid()
      return ticket
    }
    const key = identifierKey(proof.email ?? '')
    const row = await findUserByIdentifier(database.db, key)
    const subject = row?.id ?? this.#deps.lockout.keyOf(key)
    const tried = await oneTime.tryCode(signInMail, subject, proof.code ?? '')
    if (!tried.ticket) {
      const members = { remaining_attempts: tried.remaining }
      throw tried.remaining > 0 ? oneTimeErrors.link_invalid({ members }) : oneTimeErrors.too_many_attempts({ members })
    }
    if (!isStill(row, tried.ticket)) throw oneTimeErrors.link_invalid()
    return tried.ticket
  }
}

/** The address still belongs to the account the mail was for. */
const isStill = (row: UserRow | undefined, ticket: Ticket<{ email_key: string }>): boolean =>
  row?.id === ticket.subject && row.email_key === ticket.data.email_key && row.email_verified === 1
