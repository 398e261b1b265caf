import { platformErrors } from '../errors.ts'

const failuresToOpen = 2
const openMs = 5_000

/** After some failures in a row nobody waits for the next one: for a while all are refused at once. */
export class Breaker {
  #failures = 0
  #openUntil = 0

  assertClosed(): void {
    const left = this.#openUntil - performance.now()
    if (left <= 0) return
    throw platformErrors.unavailable({
      detail: 'The storage of files is not reachable',
      members: { retry_after: Math.ceil(left / 1000) },
    })
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(): void {
    this.#failures++
    if (this.#failures >= failuresToOpen) this.#openUntil = performance.now() + openMs
  }
}
