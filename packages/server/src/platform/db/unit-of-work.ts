import type { AsyncLocalStorage } from 'node:async_hooks'
import type { Kysely } from 'kysely'
import { type Clock, systemClock } from '../clock.ts'
import { platformErrors } from '../errors.ts'
import { type AppendedEvent, appendEvents, type HeldHeads, type NewEvent } from '../events/streams.ts'
import type { Logger } from '../log.ts'
import type { Dialect } from './dialects/dialect.ts'
import { type Ending, Endings } from './endings.ts'
import { isInUnitOfWork, runAsUnitOfWork } from './open-work.ts'
import type { Database, Db } from './schema.ts'
import { pause, withTimeLimit } from './time-limit.ts'
import { joinTogether, type Together } from './together.ts'

export interface UnitOfWork {
  /** The open transaction. Inside a unit of work nothing else is asked: another connection would read what was before. */
  tx: Db
  /**
   * Called at most once, after every other row lock: raises the stream heads in ascending stream id and stores the events.
   * Answers in the order given. Rows that carry the seq are inserted after it. Streams that this transaction holds already
   * are not asked for again.
   */
  append(events: readonly NewEvent[], held?: HeldHeads): Promise<AppendedEvent[]>
  /**
   * `ending` runs once as the last thing of the transaction, with all that its units of work have left to it: for locks
   * that come after every other one, where several units are one transaction. A unit that is taken back leaves nothing.
   */
  lastly<T>(ending: Ending<T>, item: T): void
  /** Runs once the data is durable, never after a rollback. */
  afterCommit(effect: () => unknown): void
}

/** Runs `work` in one transaction; a deadlock or serialization failure repeats the whole of it, at most 5 times. */
export type RunUnitOfWork = <T>(work: (uow: UnitOfWork) => Promise<T>) => Promise<T>

export interface UnitOfWorkOptions {
  writer: Kysely<Database>
  dialect: Dialect
  log: Logger
  /** When events happened. */
  now?: Clock | undefined
  /** Told once per unit of work that appended, after it was committed. */
  onAppended?: ((events: readonly AppendedEvent[]) => void) | undefined
  /** How long a transaction may live. Readers of changed streams look back twice as far. */
  lifeLimitMs?: number
  /** The transaction that units of work of this database join, where one is open around them. */
  together?: AsyncLocalStorage<Together> | undefined
}

const attempts = 5
const defaultLifeLimitMs = 10_000

export function createUnitOfWork(options: UnitOfWorkOptions): RunUnitOfWork {
  const { dialect, log, now = systemClock, onAppended, lifeLimitMs = defaultLifeLimitMs } = options

  return async (work) => {
    if (isInUnitOfWork()) {
      throw new Error('A unit of work was started inside another one: pass the outer `uow` on.')
    }
    const outer = options.together?.getStore()
    if (outer && outer.state !== 'kept') {
      return joinTogether(outer, dialect, (part) => runIn({ ...part, dialect, now, onAppended }, work))
    }
    const started = performance.now()
    for (let attempt = 1; ; attempt++) {
      try {
        const { result, effects } = await runOnce({ ...options, lifeLimitMs }, work)
        runEffects(effects, log)
        return result
      } catch (error) {
        if (!dialect.isRetryable(error)) throw error
        if (attempt === attempts || performance.now() - started > lifeLimitMs) {
          throw platformErrors.busy({ detail: 'Too many changes to the same data at once.', cause: error })
        }
        log.debug({ err: error, attempt }, 'unit of work is repeated')
        await pause(Math.random() * 10 * 2 ** attempt)
      }
    }
  }
}

type Effect = () => unknown

async function runOnce<T>(
  { writer, dialect, now = systemClock, onAppended, lifeLimitMs }: UnitOfWorkOptions & { lifeLimitMs: number },
  work: (uow: UnitOfWork) => Promise<T>,
): Promise<{ result: T; effects: Effect[] }> {
  const effects: Effect[] = []
  const endings = new Endings()
  const whole = async (tx: Db) => {
    const result = await runIn({ tx, effects, endings, dialect, now, onAppended }, work)
    await runAsUnitOfWork(() => endings.run({ tx, afterCommit: (effect) => effects.push(effect) }))
    return result
  }
  const tooLong = () =>
    platformErrors.busy({ detail: 'This took too long and was taken back; nothing of it was kept.' })
  const result = await writer.transaction().execute((tx) => withTimeLimit(whole(tx), lifeLimitMs, tooLong))
  return { result, effects }
}

interface Surroundings extends Pick<UnitOfWorkOptions, 'dialect' | 'onAppended'> {
  now: Clock
  tx: Db
  /** What is to be done after the commit is added here. */
  effects: Effect[]
  endings: Endings
}

/** The work of one unit in a transaction that is open. */
async function runIn<T>(
  { tx, effects, endings, dialect, now, onAppended }: Surroundings,
  work: (uow: UnitOfWork) => Promise<T>,
): Promise<T> {
  let hasAppended = false
  const uow: UnitOfWork = {
    tx,
    append: async (events, held) => {
      if (hasAppended)
        throw new Error('`append` was called twice in one unit of work: collect the events and append once.')
      hasAppended = true
      const appended = await appendEvents(tx, dialect, events, now, held)
      if (appended.length > 0) effects.push(() => onAppended?.(appended))
      return appended
    },
    lastly: (ending, item) => endings.add(ending, item),
    afterCommit: (effect) => {
      effects.push(effect)
    },
  }
  return runAsUnitOfWork(() => work(uow))
}

function runEffects(effects: readonly Effect[], log: Logger): void {
  const report = (error: unknown) => log.error({ err: error }, 'effect after commit failed')
  for (const effect of effects) {
    try {
      const pending = effect()
      if (pending instanceof Promise) pending.catch(report)
    } catch (error) {
      report(error)
    }
  }
}
