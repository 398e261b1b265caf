import type { Actor } from '../../platform/actor.ts'
import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { Clock } from '../../platform/clock.ts'
import { currentCall, type DecisionStep } from '../../platform/context.ts'
import type { AppError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'

/** What is remembered of a refusal: names of rules and routes, nothing of the request itself. */
export interface Denial {
  id: string
  at: string
  userId: string
  method: string | null
  path: string | null
  code: string
  steps: readonly DecisionStep[]
}

const keptMs = 3_600_000
/** So that who is refused a lot pushes nobody else out. */
const perPerson = 20
const people = 500

/** Refusals of the last hour, in the memory of the process that refused: they help people who ask, and prove nothing. */
export class Denials {
  readonly #now: Clock
  readonly #byId = new MemoryCache<Denial>({ maxEntries: people * perPerson, maxAgeMs: keptMs })
  readonly #byPerson = new MemoryCache<string[]>({ maxEntries: people, maxAgeMs: keptMs })

  constructor(deps: { now: Clock }) {
    this.#now = deps.now
  }

  /** Gives the refusal its `explain_id`. */
  note({ userId }: Actor, error: AppError): void {
    if (error.kind !== 'forbidden') return
    const call = currentCall()
    const id = newId()
    const { method = null, path = null, steps = [] } = call ?? {}
    const denial = { id, at: this.#now().toISOString(), userId, method, path, code: error.code, steps: [...steps] }
    const ids = [...(this.#byPerson.get(userId) ?? []), id]
    const [oldest] = ids
    if (ids.length > perPerson && oldest !== undefined) this.#byId.delete(oldest)
    this.#byPerson.set(userId, ids.slice(-perPerson))
    this.#byId.set(id, denial)
    error.members.explain_id = id
  }

  find(id: string): Denial | undefined {
    return this.#byId.get(id)
  }
}
