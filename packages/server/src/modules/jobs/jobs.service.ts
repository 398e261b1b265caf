import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { PeriodicJob } from '../../platform/jobs/periodic-job.ts'
import type { AuditService } from '../audit/index.ts'
import type { Job, JobList, Queue } from './jobs.schema.ts'

export interface JobsDependencies {
  database: DatabaseHandle
  audit: AuditService
  jobs: readonly PeriodicJob[]
  queues(): Promise<Queue[]>
  processes: number
  /** The screens of those who look hear that one has ended. */
  tell(): Promise<void>
  now: Clock
}

/** What the server does by itself. */
export class JobsService {
  readonly #deps: JobsDependencies
  readonly #since: string

  constructor(deps: JobsDependencies) {
    this.#deps = deps
    this.#since = deps.now().toISOString()
  }

  async list(): Promise<JobList> {
    const { jobs, processes, queues } = this.#deps
    const data = jobs.map(toJob).sort((a, b) => (a.id < b.id ? -1 : 1))
    return { since: this.#since, processes, data, queues: await queues() }
  }

  /** Begins a turn and answers at once. Throws not_found, state_conflict. */
  async run(id: string): Promise<Job> {
    const { database, audit, jobs, tell } = this.#deps
    const job = jobs.find(({ name }) => name === id)
    if (!job) throw platformErrors.not_found({ detail: 'There is no such job' })
    if (job.state.isRunning) throw platformErrors.state_conflict({ detail: 'It is running already' })
    await database.unitOfWork(({ tx }) => audit.record(tx, { type: 'job_run', resource: { type: 'job', id } }))
    void job.run().then(tell)
    return toJob(job)
  }
}

function toJob({ name, everyMs, state }: PeriodicJob): Job {
  const { isRunning, turns, failures, last, nextAt } = state
  return {
    id: name,
    every_seconds: everyMs / 1000,
    ...{ running: isRunning, turns, failures },
    last: last
      ? {
          at: last.startedAt.toISOString(),
          duration_ms: Math.round(last.durationMs * 10) / 10,
          outcome: last.error === undefined ? 'done' : 'failed',
          done: last.done ?? null,
          error: last.error ?? null,
        }
      : null,
    next_at: nextAt?.toISOString() ?? null,
  }
}
