import type { FastifyBaseLogger } from 'fastify'

type Bindings = Parameters<FastifyBaseLogger['child']>[0]
type Options = Parameters<FastifyBaseLogger['child']>[1]
type Line = Parameters<FastifyBaseLogger['info']>

/** The logger of one request. Few requests say anything: it is made when one does. */
class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: Bindings
  readonly #options: Options
  #own: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: Bindings, options: Options) {
    this.#parent = parent
    this.#bindings = bindings
    this.#options = options
  }

  get level(): string {
    return this.#logger.level
  }

  get #logger(): FastifyBaseLogger {
    this.#own ??= this.#parent.child(this.#bindings, this.#options)
    return this.#own
  }

  fatal(...line: Line): void {
    this.#logger.fatal(...line)
  }
  error(...line: Line): void {
    this.#logger.error(...line)
  }
  warn(...line: Line): void {
    this.#logger.warn(...line)
  }
  info(...line: Line): void {
    this.#logger.info(...line)
  }
  debug(...line: Line): void {
    this.#logger.debug(...line)
  }
  trace(...line: Line): void {
    this.#logger.trace(...line)
  }
  silent(): void {}
  child(bindings: Bindings, options?: Options): FastifyBaseLogger {
    return this.#logger.child(bindings, options)
  }
}

export const requestLog = (parent: FastifyBaseLogger, bindings: Bindings, options: Options): FastifyBaseLogger =>
  new RequestLog(parent, bindings, options) as unknown as FastifyBaseLogger
