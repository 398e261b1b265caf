import { percentile } from './evidence.ts'
import { ask, type Person } from './person.ts'
import { pause } from './waiting.ts'

/** One request: when it was sent, how long it took, and its status, 0 where the connection failed or nothing came. */
interface Probe {
  at: number
  ms: number
  status: number
  /** What went wrong. */
  problem?: string | undefined
}

/** Longer than any limit of the server: whether somebody waits for ever shall show. */
const limitMs = 20_000

/** Reads that are asked steadily beside the chat, to see what a fault does to those who have nothing to do with it. */
export class Probes {
  readonly all: Probe[] = []
  #isOver = false
  readonly #running: Promise<void>

  constructor(origin: string, person: Person, { everyMs = 100, path = '/conversations' } = {}) {
    this.#running = this.#run(origin, person, everyMs, path)
  }

  async #run(origin: string, { token }: Person, everyMs: number, path: string): Promise<void> {
    const pending = new Set<Promise<void>>()
    while (!this.#isOver) {
      // Not one after the other: a slow answer would hide all that were not asked meanwhile.
      const asked = this.#ask(origin, token, path).finally(() => pending.delete(asked))
      pending.add(asked)
      await pause(everyMs)
    }
    await Promise.all(pending)
  }

  async #ask(origin: string, token: string, path: string): Promise<void> {
    const at = performance.now()
    const answer = await ask(origin, path, { token, limitMs }).then(
      ({ status, json }) => ({
        status,
        problem: status < 500 ? undefined : `${json.code}: ${json.detail ?? json.title}`,
      }),
      (error: Error) => ({ status: 0, problem: String(error.cause ?? error) }),
    )
    this.all.push({ at, ms: performance.now() - at, ...answer })
  }

  /** Between two times. */
  figures(from = 0, to = Number.POSITIVE_INFINITY) {
    const probes = this.all.filter(({ at }) => at >= from && at <= to)
    const bad = probes.filter(({ status }) => status === 0 || status >= 500)
    const refused = probes.filter(({ status }) => status === 503)
    return {
      asked: probes.length,
      failed: bad.length,
      refused: refused.length,
      statuses: [...new Set(bad.map(({ status }) => status))],
      /** Neither an answer nor a refusal. */
      unanswered: probes.filter(({ status }) => status === 0).length,
      p99Ms: percentile(
        probes.map(({ ms }) => ms),
        0.99,
      ),
      slowestMs: Math.max(0, ...probes.map(({ ms }) => ms)),
      slowestRefusalMs: Math.max(0, ...refused.map(({ ms }) => ms)),
    }
  }

  /** Says what those heard that were not served, for whoever looks for the cause. */
  complaints(from: number): string[] {
    const bad = this.all.filter(({ at, status }) => at >= from && (status === 0 || status >= 500))
    return bad.map(({ at, ms, status, problem }) => `${Math.round(at)} +${Math.round(ms)} ms: ${status} ${problem}`)
  }

  /** The first answer without an error after this time, in milliseconds from then. */
  backAfter(time: number): number {
    const good = this.all.filter(({ at, status }) => at >= time && status > 0 && status < 500)
    return Math.min(Number.POSITIVE_INFINITY, ...good.map(({ at, ms }) => at + ms - time))
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#running
  }
}
