import type { Actor, ClientInfo } from '../actor.ts'
import type { Clock } from '../clock.ts'
import { runInContext } from '../context.ts'
import { AppError, platformErrors } from '../errors.ts'
import { type ErrorClassifier, isFault, toAppError } from '../http/error-handler.ts'
import { toProblem } from '../http/problem.ts'
import type { Problem } from '../http/schemas.ts'
import { assertStorable } from '../http/text-check.ts'
import { newCallId } from '../ids.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../limits/rate-limiter.ts'
import type { Logger } from '../log.ts'
import { type Access, type OnDenied, refusal } from '../policy.ts'
import type { Tracer } from '../tracing/tracer.ts'
import type { SocketGate } from './gate.ts'
import type { CommandSocket, SocketCommand } from './socket-module.ts'

export interface CommandDeskOptions {
  gate: SocketGate
  onDenied?: OnDenied | undefined
  limiter: RateLimiter
  classify: ErrorClassifier
  log: Logger
  tracer?: Tracer | undefined
  now: Clock
}

/** Of one socket. */
export const eventLimit: Limit = { name: 'socket-events', limit: 30, windowSeconds: 10 }

export interface Caller {
  actor: Actor
  client: ClientInfo
}

export type Answer = { ok: true; data: unknown } | { ok: false; error: Problem }

/** Runs what callers ask for by socket: limited, judged by the same policy as routes, answered in the same words. */
export class CommandDesk {
  readonly #options: CommandDeskOptions
  readonly #commands: ReadonlyMap<string, SocketCommand>

  constructor(options: CommandDeskOptions, commands: readonly SocketCommand[]) {
    this.#options = options
    this.#commands = new Map(commands.map((entry) => [entry.name, entry]))
  }

  get names(): string[] {
    return [...this.#commands.keys()].sort()
  }

  accessOf(name: string): Access {
    return this.#commands.get(name)?.access ?? 'user'
  }

  /** Never throws. */
  async answer({ actor, client }: Caller, name: unknown, input: unknown, socket: CommandSocket): Promise<Answer> {
    const requestId = newCallId()
    try {
      assertAllowed(await this.#options.limiter.take(eventLimit, socket.id))
      const entry = typeof name === 'string' ? this.#commands.get(name) : undefined
      if (!entry) throw platformErrors.not_found({ detail: 'There is no such command' })
      const current = await this.#options.gate.current(actor)
      const span = this.#options.tracer?.begin(`socket ${entry.name}`, 'server', { 'atrium.request_id': requestId })
      const own = { source: 'socket' as const, actor: current, client, path: entry.name, requestId }
      const context = span ? { ...own, span } : own
      const run = async () => {
        this.assertMay(current, entry.access)
        assertStorable(input)
        return entry.run(current, input ?? {}, socket)
      }
      const data = await runInContext(context, () => this.#noted(current, run)).catch((error: unknown) => {
        const { status = 500, code = 'internal_error' } = error as { status?: number; code?: string }
        span?.end({ 'error.type': code }, { isFailed: status >= 500 })
        throw error
      })
      span?.end({})
      return { ok: true, data }
    } catch (error) {
      return { ok: false, error: this.problem(error, String(name).slice(0, 100), requestId) }
    }
  }

  /** Throws when the caller may not come in. */
  async admit({ actor, client }: Caller, access: Access): Promise<void> {
    const context = { source: 'socket' as const, actor, client, path: 'connect', requestId: newCallId() }
    await runInContext(context, () => this.#noted(actor, async () => this.assertMay(actor, access)))
  }

  assertMay(actor: Actor, access: Access): void {
    const refused = refusal(actor, { access }, this.#options.now())
    if (refused) throw refused
  }

  problem(error: unknown, instance: string, requestId = newCallId()): Problem {
    const known = toAppError(error, this.#options.classify)
    if (isFault(known)) {
      this.#options.log.error({ err: error, request_id: requestId }, 'socket command failed')
    }
    return toProblem(known instanceof AppError ? known : platformErrors.internal_error(), { instance, requestId })
  }

  async #noted<T>(actor: Actor, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof AppError) this.#options.onDenied?.(actor, error)
      throw error
    }
  }
}
