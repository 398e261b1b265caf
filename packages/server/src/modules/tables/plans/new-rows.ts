import { untold } from '../../../platform/decision-steps.ts'
import { AppError } from '../../../platform/errors.ts'
import { headsAfter, type NewEvent, streamsAdvanced } from '../../../platform/events/streams.ts'
import { Gathering } from '../../../platform/gathering.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { isLive } from '../registry.ts'
import { fillKeys } from '../rows/insert.ts'
import { type RowChangesDependencies, toEvent } from '../rows/row-changes.ts'
import { prepareNew } from '../rows/row-making.ts'
import type { WrittenRow } from '../rows/written-rows.ts'
import { CreatePlan, InsertPlan, type RowForm, rowForm } from './insert-plan.ts'
import { Plans } from './row-plans.ts'

interface Job {
  access: TableAccess
  plan: InsertPlan
  values: ReadonlyMap<string, string | null>
}

/** Any number up to the last: each row has statements of its own, whatever their number. */
const sizes = Array.from({ length: 64 }, (_, index) => index + 1)
/** How often a transaction is tried without the row that made it fail. */
const attempts = 3

/**
 * New rows that come together are made together: one transaction, one commit, one step of their stream. Each is judged and
 * written for itself, with its maker's rules. One that fails, or may not be made, is taken out, and goes the general way
 * alone, where it is refused as ever; the others are tried again without it.
 */
export class NewRows {
  readonly #deps: RowChangesDependencies
  readonly #creates = new Plans<CreatePlan>()
  readonly #inserts = new Plans<InsertPlan>()
  /** By table, so that nobody waits for a lock on another one. */
  readonly #gatherings = new Map<string, Gathering<Job, WrittenRow | undefined>>()

  constructor(deps: RowChangesDependencies) {
    this.#deps = deps
  }

  /** Undefined where the row has to be made, or refused, the general way. */
  async make(access: TableAccess, table: string, body: unknown): Promise<WrittenRow | undefined> {
    // Where a transaction is open around it, the row belongs to that one.
    if (access.snapshot.handle.isTogether()) return undefined
    const job = untold(() => this.#jobOf(access, table, body))
    if (!job) return undefined
    const gathering = this.#gatherings.get(table) ?? new Gathering({ run: (jobs) => this.#run(jobs), lanes: 1, sizes })
    this.#gatherings.set(table, gathering)
    return gathering.add(job)
  }

  #jobOf(access: TableAccess, table: string, body: unknown): Job | undefined {
    const create = this.#creates.find(access, table, (begin) => new CreatePlan(begin(), table))
    if (!create) return undefined
    try {
      const row = prepareNew(create.view, body, '', access)
      const form = rowForm(create.view.entry, row, access.snapshot.dialect)
      const plan = form && this.#inserts.find(access, nameOf(form), (begin) => new InsertPlan(begin, form))
      return plan && { access, plan, values: row.values }
    } catch (error) {
      if (error instanceof AppError) return undefined
      throw error
    }
  }

  async #run(jobs: readonly Job[]): Promise<(WrittenRow | undefined)[]> {
    const [first] = jobs
    let made = new Map<Job, WrittenRow>()
    let rest = jobs
    for (let attempt = 0; first && rest.length > 0 && attempt < attempts; attempt++) {
      let at: Job | undefined
      try {
        // Of nobody's request: the first of them is not the one that asks for all.
        made = await untold(() => this.#makeAll(first.access, rest, (job) => (at = job)))
        break
      } catch (error) {
        if (first.access.snapshot.handle.dialect.isUnavailable(error)) throw error
        rest = rest.filter((job) => job !== at)
      }
    }
    return jobs.map((job) => made.get(job))
  }

  #makeAll({ snapshot }: TableAccess, jobs: readonly Job[], begins: (job: Job) => void): Promise<Map<Job, WrittenRow>> {
    const { handle, dialect, books } = snapshot
    const { bus, now } = this.#deps
    return handle.unitOfWork(async ({ tx, afterCommit }) => {
      const made = new Map<Job, WrittenRow>()
      const events: NewEvent[] = []
      const rows = new Map(jobs.map((job) => [job, new Map(job.values)]))
      for (const [{ entry }, alike] of Map.groupBy(jobs, ({ plan }) => plan)) {
        await fillKeys(
          tx,
          dialect,
          entry,
          alike.flatMap((job) => rows.get(job) ?? []),
        )
      }
      for (const [job, row] of rows) {
        begins(job)
        const { key, ...written } = await job.plan.make(tx, job.access, row)
        made.set(job, written)
        if (isLive(job.plan.entry)) events.push(toEvent(job.plan.entry, key, 'insert', undefined))
      }
      const appended = (await books?.append(tx, events, now)) ?? []
      if (appended.length > 0) afterCommit(() => bus.publish(streamsAdvanced, headsAfter(appended)))
      return made
    })
  }
}

const nameOf = ({ table, columns, roles, literal }: RowForm): string => JSON.stringify([table, columns, roles, literal])
