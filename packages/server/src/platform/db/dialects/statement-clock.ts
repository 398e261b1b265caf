/** A statement has kept the whole server waiting for too long. */
export class StatementTooLongError extends Error {
  override readonly name = 'StatementTooLongError'
  readonly code = 'ATRIUM_TOO_COSTLY'
}

/** Nobody else has a turn while SQLite reads. */
const longestMs = 5_000
/** To look at the time costs as much as a short row. */
const ticksPerLook = 64

/**
 * How long a statement has been running, for an engine that cannot be stopped from outside: the functions it calls for
 * its rows ask, and end it. One connection has one statement at a time.
 */
export class StatementClock {
  #ticks = 0
  #began = 0

  begin(): void {
    this.#ticks = 0
  }

  /** Throws StatementTooLongError, which ends the statement. */
  tick(): void {
    if (this.#ticks++ % ticksPerLook > 0) return
    const now = performance.now()
    if (this.#ticks === 1) this.#began = now
    else if (now - this.#began > longestMs) throw new StatementTooLongError('The statement has taken too long')
  }
}
