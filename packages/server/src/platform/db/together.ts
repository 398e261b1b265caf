import { AsyncLocalStorage } from 'node:async_hooks'
import { CompiledQuery, sql } from 'kysely'
import { platformErrors } from '../errors.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { Session } from './dialects/session.ts'
import { type End, type Ending, Endings } from './endings.ts'
import { outsideUnitOfWork } from './open-work.ts'
import type { Db } from './schema.ts'

/** One transaction around everything that is asked of one database. */
export interface Together {
  tx: Db
  /** `lost`: taken back, so that what still runs of it must not begin anything. */
  state: 'open' | 'kept' | 'lost'
  effects: (() => unknown)[]
  /** What its units of work leave to its end. */
  endings: Endings
  /** Why it cannot be kept, whatever the work makes of the error. */
  failure: unknown
  /** Units of work take turns: their savepoints would release each other's. */
  turn: Promise<unknown>
  units: number
}

/**
 * Runs `work` in one transaction of this database: its units of work join it and its reads see what they have written.
 * All of it is kept or nothing, what they leave to the end comes after the last of them, and effects after a commit wait
 * for the one commit there is. The whole of the work may be repeated, and it lives no longer than a unit of work does.
 */
export type RunTogether = <T>(work: (tx: Db) => Promise<T>) => Promise<T>

type RunUnit = <T>(work: (uow: End & { lastly<I>(ending: Ending<I>, item: I): void }) => Promise<T>) => Promise<T>

/** One unit of work in a transaction that is open around it. */
export interface Part {
  tx: Db
  effects: Together['effects']
  endings: Endings
}

const takenBack = (cause?: unknown) => platformErrors.busy({ detail: 'What this belonged to was taken back.', cause })

export const openTogether = () => new AsyncLocalStorage<Together>()

export const runTogether =
  (storage: AsyncLocalStorage<Together>, unitOfWork: RunUnit): RunTogether =>
  async (work) => {
    const outer = storage.getStore()
    if (outer?.state === 'open') return work(outer.tx)
    if (outer?.state === 'lost') throw takenBack()
    return storage.exit(() =>
      unitOfWork(async ({ tx, afterCommit, lastly }) => {
        const effects: Together['effects'] = []
        const endings = new Endings()
        const turn = Promise.resolve()
        const together: Together = { tx, state: 'open', effects, endings, failure: undefined, turn, units: 0 }
        try {
          const result = await storage.run(together, () => outsideUnitOfWork(() => work(tx)))
          await together.turn
          if (together.failure !== undefined) throw together.failure
          together.state = 'kept'
          endings.leaveTo(lastly)
          for (const effect of effects) afterCommit(effect)
          return result
        } catch (error) {
          together.state = 'lost'
          throw together.failure ?? error
        }
      }),
    )
  }

/** One unit of work in it: what fails is taken back alone, unless the engine takes back everything. */
export function joinTogether<T>(together: Together, dialect: Dialect, unit: (part: Part) => Promise<T>): Promise<T> {
  const run = async (): Promise<T> => {
    // An engine that has taken everything back would keep what comes now, by itself.
    if (together.state !== 'open' || together.failure !== undefined) throw takenBack()
    const { tx } = together
    const name = sql.raw(`unit_${++together.units}`)
    const effects: Together['effects'] = []
    const endings = new Endings()
    await sql`savepoint ${name}`.execute(tx)
    try {
      const result = await unit({ tx, effects, endings })
      await sql`release savepoint ${name}`.execute(tx)
      together.effects.push(...effects)
      endings.leaveTo((ending, item) => together.endings.add(ending, item))
      return result
    } catch (error) {
      if (dialect.isRetryable(error)) {
        together.failure ??= error
        throw takenBack(error)
      }
      if (dialect.isUnavailable(error)) together.failure ??= error
      else {
        await sql`rollback to savepoint ${name}`.execute(tx).catch((cause: unknown) => {
          together.failure ??= cause
        })
      }
      throw error
    }
  }
  const result = together.turn.then(run)
  together.turn = result.catch(() => undefined)
  return result
}

/** For reads beside the units of work: they go through the open transaction, one after the other. */
export function sessionOf(storage: AsyncLocalStorage<Together>): Session | undefined {
  const together = storage.getStore()
  if (together?.state !== 'open') return undefined
  return {
    execute: (text, parameters) => together.tx.executeQuery(CompiledQuery.raw(text, [...parameters])),
    release: () => {},
  }
}
