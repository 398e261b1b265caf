import { createHmac } from 'node:crypto'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Keys } from '../../platform/keys.ts'
import { type OneTimeTokens, oneTimeErrors, type Purpose, type Ticket } from '../one-time/index.ts'
import { emailKey, invalidFields } from './identity.ts'

/** What a mail proves its reader by: the token of its link, or the address and the code. */
export interface MailedProof {
  token?: string
  email?: string
  code?: string
}

export interface MailedProofsDependencies {
  database: DatabaseHandle
  oneTime: OneTimeTokens
  keys: Keys
  publicUrl: URL
}

/**
 * Proofs that are mailed belong to an address, not to an account: the one that was asked for an address without an
 * account is never mailed, and counts wrong codes like the others. Whoever uses one must compare its subject with the
 * address of the account it is for, so that it dies when the address changes.
 */
export class MailedProofs {
  readonly #deps: MailedProofsDependencies

  constructor(deps: MailedProofsDependencies) {
    this.#deps = deps
  }

  /** Keyed, so that a dump of the database does not tell who was mailed. */
  subjectOf(key: string): string {
    return createHmac('sha256', this.#deps.keys.identifier).update(`mail:${key}`).digest('base64url')
  }

  linkTo(page: string, token?: string): string {
    return `${this.#deps.publicUrl.origin}/${page}${token === undefined ? '' : `#token=${token}`}`
  }

  /** Throws link_invalid, too_many_attempts; a right code is not used up by it, a wrong one is counted. */
  async ticket<Data>(purpose: Purpose<Data>, proof: MailedProof): Promise<Ticket<Data>> {
    if (proof.token !== undefined && proof.code === undefined) {
      const ticket = await this.#deps.oneTime.find(this.#deps.database.db, purpose, proof.token)
      if (!ticket) throw oneTimeErrors.link_invalid()
      return ticket
    }
    if (proof.token !== undefined || proof.email === undefined || proof.code === undefined) {
      throw invalidFields([{ pointer: '/token', code: 'required', message: 'Send token, or email and code' }])
    }
    const key = emailKey(proof.email.trim())
    if (key === undefined) throw oneTimeErrors.link_invalid()
    return this.ticketOfCode(purpose, this.subjectOf(key), proof.code)
  }

  /** The same for a code whose address is known already. */
  async ticketOfCode<Data>(purpose: Purpose<Data>, subject: string, code: string): Promise<Ticket<Data>> {
    const tried = await this.#deps.oneTime.tryCode(purpose, subject, code.replace(/[\s-]/g, ''))
    if (tried.ticket) return tried.ticket
    const members = { remaining_attempts: tried.remaining }
    if (tried.spent) {
      throw oneTimeErrors.too_many_attempts({ members: { ...members, retry_after: purpose.codeLifeSeconds ?? 600 } })
    }
    throw oneTimeErrors.link_invalid({ members })
  }
}
