import { expect, it } from 'vitest'
import { type ClusterFindings, type ClusterOptions, type Figures, runCluster, type Stage } from './cluster.ts'
import { assertSound, report } from './evidence.ts'
import { type Engine, isFull } from './installation.ts'
import { row } from './matrix.ts'

export interface ClusterRow {
  promise: string
  /** For as long as the matrix wants it. */
  full: Stage
  /** The same for every change, where it is worth its seconds. */
  quick?: Stage
  /** Sessions it ends. */
  sessions?: number
  /** Where it lasts longer than other rows do in the full matrix. */
  timeoutMs?: number
  /** What only this row needs. */
  options?: Partial<ClusterOptions>
  check(figures: Figures): void
}

type Shared = Omit<ClusterOptions, 'engine' | 'stages' | 'sessions'>

/**
 * Rows that are done to instances with people in them. In the full matrix each has its own test and installation, so that
 * any can be run alone; for every change those with a quick stage follow one another on one.
 */
export function clusterRows(engine: Engine, shared: () => Shared, rows: Readonly<Record<string, ClusterRow>>): void {
  const run = async (names: readonly string[]): Promise<ClusterFindings> => {
    const wanted = names.map((name) => rows[name] as ClusterRow)
    const stages = names.map((name, index): [string, Stage] => {
      const { full, quick = full } = wanted[index] as ClusterRow
      return [name, isFull ? full : quick]
    })
    const sessions = wanted.reduce((sum, each) => sum + (each.sessions ?? 0), 0)
    const options = Object.assign({}, shared(), ...wanted.map((each) => each.options))
    return runCluster({ ...options, engine, sessions, stages: Object.fromEntries(stages) })
  }
  const judge = (names: readonly string[], findings: ClusterFindings) => {
    assertSound(`${names.join(' ')} ${engine}`, findings)
    expect(findings.risen, 'ended sessions that are accepted').toBe(0)
    for (const name of names) rows[name]?.check(findings.figures[name] ?? {})
  }

  if (isFull) {
    for (const [name, { promise, timeoutMs }] of Object.entries(rows)) {
      const work = async (tell: (figures: Figures) => void) => {
        const findings = await run([name])
        tell(findings.figures[name] ?? {})
        judge([name], findings)
      }
      row(name, engine, promise, work, timeoutMs === undefined ? {} : { timeoutMs })
    }
    return
  }
  const quick = Object.keys(rows).filter((name) => rows[name]?.quick)
  it(`${quick.join(', ')} on ${engine}, one after the other`, async () => {
    const findings = await run(quick)
    for (const name of quick) report(`${name} ${engine}`, findings.figures[name] ?? {})
    judge(quick, findings)
  })
}
