import { appendFileSync } from 'node:fs'
import { it } from 'vitest'
import { seed } from './chance.ts'
import type { Figures } from './cluster.ts'
import { report } from './evidence.ts'
import { type Engine, isFull } from './installation.ts'

export interface RowOptions {
  /** Why the row cannot be run here. */
  skipped?: boolean
  /** Where it lasts longer than other rows. */
  timeoutMs?: number
}

/**
 * One row of the matrix on one engine, under a name by which `-t 'F5 on mariadb'` runs it alone. In the full matrix what
 * it measured, and whether it held, goes to the table that scripts/fault-results.mjs makes; also when it throws halfway.
 */
export function row(
  name: string,
  engine: Engine,
  promise: string,
  work: (tell: (figures: Figures) => void) => Promise<void>,
  { skipped = false, timeoutMs }: RowOptions = {},
): void {
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs }
  it.skipIf(skipped)(`${name} on ${engine}: ${promise}`, options, async ({ onTestFinished }) => {
    const told: Figures = {}
    onTestFinished(({ task }) => note(name, engine, told, task.result?.state === 'pass'))
    await work((figures) => {
      Object.assign(told, figures)
      report(`${name} ${engine}`, figures)
    })
  })
}

function note(name: string, engine: Engine, figures: Figures, held: boolean): void {
  const file = process.env.ATRIUM_FAULT_RESULTS
  if (file && isFull) appendFileSync(file, `${JSON.stringify({ row: name, engine, held, seed, figures })}\n`)
}
