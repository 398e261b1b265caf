import { type Clock, isoAfter } from '../../platform/clock.ts'
import { runInContext } from '../../platform/context.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import { isPlainAddress, type MailAddress } from '../../platform/mail/mail-address.ts'
import { type MailMessage, MailNotSentError, type MailTransport } from '../../platform/mail/mail-transport.ts'
import type { Tracer } from '../../platform/tracing/tracer.ts'
import type { MailEnvelope } from './mail-envelope.ts'
import type { RenderedMail } from './mail-rendering.ts'
import { claimMail, endClaim, extendLeases, listDue, type MailOutcome, type MailRow } from './mails.repository.ts'
import { isGivenUp, retryDelay } from './retry-plan.ts'

export interface MailWorkerDependencies {
  database: DatabaseHandle
  transport: MailTransport
  envelope: MailEnvelope
  from: MailAddress
  /** What a mail said stays readable after it was sent: for the mailbox. */
  keepsSent: boolean
  now: Clock
  log: Logger
  tracer?: Tracer | undefined
}

/** Mails being sent at once by one process. */
const lanes = 5
const pollMs = 2_000
/** A mail whose sender died is taken over after this; a living sender renews it. */
const leaseSeconds = 30
const renewMs = 10_000
/** What is being sent at a stop may take this long to end. */
const finishLimitMs = 5_000

const settlePauseMs = 1_000
const settleTries = 300

interface Claim {
  row: MailRow
  lease: string
}

/** Says no to automatic answers (RFC 3834). */
const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

/** Sends what waits in the outbox, beside every other process that does the same. */
export class MailWorker {
  readonly #deps: MailWorkerDependencies
  readonly #lanes = new Set<Promise<void>>()
  /** Claims of the mails that are being sent right now, by mail. */
  readonly #leases = new Map<string, string>()
  #poll: NodeJS.Timeout | undefined
  #renewal: NodeJS.Timeout | undefined
  #isStarted = false
  #isStopping = false

  constructor(deps: MailWorkerDependencies) {
    this.#deps = deps
  }

  start(): void {
    this.#isStarted = true
    this.#poll = setInterval(() => this.wake(), pollMs)
    this.#poll.unref()
    this.wake()
  }

  /** There is something to send. Before `start` nobody listens. */
  wake(): void {
    if (this.#isStarted) this.#openLane()
  }

  /** Everything that is due now, to its end. */
  async runOnce(): Promise<void> {
    this.#openLane()
    while (this.#lanes.size > 0) await Promise.all(this.#lanes)
  }

  /** Takes nothing new, and waits for what is on its way. What takes too long is taken over when its lease ends. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#poll)
    let limit: NodeJS.Timeout | undefined
    const timeUp = new Promise<void>((done) => {
      limit = setTimeout(done, finishLimitMs)
    })
    await Promise.race([Promise.all(this.#lanes), timeUp])
    clearTimeout(limit)
    clearInterval(this.#renewal)
  }

  #openLane(): void {
    if (this.#isStopping || this.#lanes.size >= lanes) return
    this.#renewal ??= setInterval(() => void this.#renewLeases(), renewMs).unref()
    const lane = runInContext({ source: 'job', actor: null, path: 'mails.send' }, () => this.#work()).finally(() => {
      this.#lanes.delete(lane)
      if (this.#lanes.size > 0) return
      clearInterval(this.#renewal)
      this.#renewal = undefined
    })
    this.#lanes.add(lane)
  }

  /** One mail after the other until none is due. Never throws: the next poll tries again. */
  async #work(): Promise<void> {
    try {
      for (;;) {
        const claim = await this.#claim()
        if (!claim) return
        // While this one is on its way another lane looks for more.
        this.#openLane()
        await this.#traced(claim).finally(() => this.#leases.delete(claim.row.id))
      }
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the outbox could not be read or written; it is tried again')
    }
  }

  async #traced(claim: Claim): Promise<void> {
    const span = this.#deps.tracer?.begin('mail', 'client', { 'atrium.mail': claim.row.template })
    if (!span) return this.#deliver(claim)
    const context = { source: 'job' as const, actor: null, path: 'mails.send', span }
    await runInContext(context, () => this.#deliver(claim)).finally(() => span.end({}))
  }

  async #claim(): Promise<Claim | undefined> {
    const { database, now } = this.#deps
    while (!this.#isStopping) {
      const time = now()
      const due = await listDue(database.db, time.toISOString(), 2 * lanes)
      // What hangs here is not taken over by its own process, even when its lease could not be renewed.
      const free = due.filter((row) => !this.#leases.has(row.id))
      if (free.length === 0) return undefined
      for (const row of free) {
        if (this.#leases.has(row.id)) continue
        const lease = { id: newId(), until: isoAfter(time, leaseSeconds) }
        this.#leases.set(row.id, lease.id)
        const isOurs = await database
          .unitOfWork(({ tx }) => claimMail(tx, row, lease))
          .catch((error: unknown) => {
            this.#leases.delete(row.id)
            throw error
          })
        if (isOurs) return { row: { ...row, attempts: row.attempts + 1 }, lease: lease.id }
        this.#leases.delete(row.id)
      }
    }
    return undefined
  }

  async #deliver(claim: Claim): Promise<void> {
    const { transport, keepsSent, now, log } = this.#deps
    const { row } = claim
    const time = now().toISOString()
    if (row.expires_at !== null && row.expires_at <= time) {
      const reason = 'Its link or code had ended before it could be sent'
      await this.#settle(claim, { status: 'expired', next_attempt_at: time, sealed: null, last_error: reason })
      return
    }
    try {
      const message = this.#write(row)
      await transport.send(message)
    } catch (error) {
      await this.#fail(claim, error)
      return
    }
    const sent_at = now().toISOString()
    const kept = keepsSent ? {} : { sealed: null }
    await this.#settle(claim, { status: 'sent', sent_at, next_attempt_at: sent_at, last_error: null, ...kept })
    log.debug({ mail_id: row.id, template: row.template, attempts: row.attempts }, 'mail sent')
  }

  /** Throws for good where there is no such mail to write. */
  #write(row: MailRow): MailMessage {
    if (!isPlainAddress(row.to_address))
      throw new MailNotSentError('The address is none that mail can be sent to', { permanent: true })
    const { from, envelope } = this.#deps
    let mail: RenderedMail
    try {
      mail = envelope.open(row)
    } catch (error) {
      throw new UnwritableMail(error as Error)
    }
    const { subject, text, html } = mail
    const language = { 'Content-Language': row.locale }
    return {
      from,
      to: row.to_address,
      subject,
      text,
      html,
      messageId: row.message_id,
      headers: { ...headers, ...language },
    }
  }

  async #fail(claim: Claim, error: unknown): Promise<void> {
    const { now, log } = this.#deps
    const { id, template, attempts } = claim.row
    const last_error = shortReason(error)
    const about = { mail_id: id, template, attempts, reason: last_error }
    // Nobody refused this one: it is an error of ours, with the place it happened at.
    const cause = error instanceof UnwritableMail ? { err: error.cause } : {}
    if ((error instanceof MailNotSentError && error.permanent) || isGivenUp(attempts)) {
      log.error({ ...about, ...cause }, 'mail cannot be sent; it is a dead letter now')
      await this.#settle(claim, { status: 'dead', next_attempt_at: now().toISOString(), last_error })
    } else {
      const next_attempt_at = isoAfter(now(), retryDelay(attempts))
      log.warn({ ...about, next_attempt_at }, 'mail could not be sent; it is tried again')
      await this.#settle(claim, { status: 'pending', next_attempt_at, last_error })
    }
  }

  /** A mail that has left is not sent again because the database was away for a moment. */
  async #settle({ row, lease }: Claim, outcome: MailOutcome): Promise<void> {
    const { database, log } = this.#deps
    for (let tries = 1; ; tries++) {
      try {
        const isOurs = await database.unitOfWork(({ tx }) => endClaim(tx, lease, outcome))
        if (!isOurs) log.warn({ mail_id: row.id }, 'mail was taken over while it was sent')
        return
      } catch (error) {
        if (this.#isStopping || tries === settleTries) throw error
        await pause(settlePauseMs)
      }
    }
  }

  async #renewLeases(): Promise<void> {
    const leases = [...this.#leases.values()]
    if (leases.length === 0) return
    const { database, now, log } = this.#deps
    const until = isoAfter(now(), leaseSeconds)
    await database
      .unitOfWork(({ tx }) => extendLeases(tx, leases, until))
      .catch((error: unknown) => log.warn({ err: error }, 'leases of mails could not be renewed'))
  }
}

class UnwritableMail extends MailNotSentError {
  constructor(cause: Error) {
    super(`The mail cannot be written: ${cause.message}`, { permanent: true, cause })
  }
}

/** One line for the operator that the column takes. */
const shortReason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, 400)
    .toWellFormed()
