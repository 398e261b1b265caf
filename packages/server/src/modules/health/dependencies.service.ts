import type { DatabaseHandle } from '../../platform/db/database.ts'
import { slowSeconds } from '../../platform/db/query-meter.ts'
import { quantileOf } from '../../platform/measure/histogram.ts'
import { askedSeldom } from './asked-seldom.ts'
import type { DependencyState } from './detailed.schema.ts'

/** What the server stands on, and how to ask for each. */
export interface DependencyDoors {
  database: DatabaseHandle
  /** Absent where no REDIS_URL is set. */
  redis: { ping(): Promise<void> } | undefined
  storage: { kind: string; check(): Promise<void> }
  mail: {
    driver: string
    outbox(): Promise<{ waiting: number; retrying: number; dead: number; oldest_due: string | null }>
  }
  now: () => Date
}

/** Mail that is due this long is not being sent. */
const mailLateMs = 5 * 60_000

export const dependencyNames = ['database', 'redis', 'storage', 'email'] as const
export type DependencyName = (typeof dependencyNames)[number]

/** Asks what the server stands on, each at most once in two seconds however many ask. */
export class Dependencies {
  readonly #checks: Record<DependencyName, () => Promise<DependencyState>>

  constructor(doors: DependencyDoors) {
    const { database, redis, storage, mail } = doors
    this.#checks = {
      database: askedSeldom(() => timed(() => database.ping())),
      redis: askedSeldom(async () => (redis ? timed(() => redis.ping()) : off)),
      storage: askedSeldom(() => timed(() => storage.check(), { kind: storage.kind })),
      email: askedSeldom(async () => {
        const detail = { driver: mail.driver }
        return mail.driver === 'off' ? { ...off, detail } : timed(() => outbox(doors), detail)
      }),
    }
    const ping = this.#checks.database
    // Numbers of this process are told as they are now.
    this.#checks.database = async () => {
      const state = await ping()
      return { ...state, detail: { ...state.detail, ...poolAndQueries(database) } }
    }
  }

  check(name: DependencyName): Promise<DependencyState> {
    return this.#checks[name]()
  }

  async all(): Promise<Record<DependencyName, DependencyState>> {
    const [database, redis, storage, email] = await Promise.all(dependencyNames.map((name) => this.check(name)))
    return { database, redis, storage, email } as Record<DependencyName, DependencyState>
  }
}

const off: DependencyState = { status: 'off', latency_ms: null, detail: {} }
const limitMs = 3_000

async function timed(ask: () => Promise<unknown>, detail: Record<string, unknown> = {}): Promise<DependencyState> {
  const started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), limitMs)
  })
  try {
    const told = await Promise.race([ask(), late])
    const latency_ms = Math.round((performance.now() - started) * 10) / 10
    return { status: 'ok', latency_ms, detail: { ...detail, ...(told as object | undefined) } }
  } catch (error) {
    return { status: 'failed', latency_ms: null, detail: { ...detail, error: (error as Error).message.slice(0, 200) } }
  } finally {
    clearTimeout(timer)
  }
}

async function outbox({ mail, now }: DependencyDoors): Promise<Record<string, unknown>> {
  const { oldest_due, ...counts } = await mail.outbox()
  if (oldest_due !== null && now().getTime() - Date.parse(oldest_due) > mailLateMs)
    throw new Error(`mail waits since ${oldest_due}`)
  return counts
}

function poolAndQueries({ pool, meter }: DatabaseHandle): Record<string, unknown> {
  const all = [...meter.byWord].flatMap(([word, histogram]) => (word === 'transaction' ? [] : [histogram]))
  const ms = (share: number) => Math.round(quantileOf(all, share) * 10_000) / 10
  return {
    pool: { max: pool.max, in_use: pool.inUse, waiting: pool.waiting },
    queries: {
      count: all.reduce((sum, { count }) => sum + count, 0),
      p50_ms: ms(0.5),
      p95_ms: ms(0.95),
      p99_ms: ms(0.99),
      slow_threshold_ms: slowSeconds * 1000,
      slow: meter.slow.length,
    },
  }
}
