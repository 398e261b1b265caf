import { describe, expect } from 'vitest'
import { engines, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { growthPermille, keptConnections, runSoak } from './harness/soak-run.ts'

/** Of the full matrix; a release is soaked for eight hours. */
const minutes = Number(process.env.ATRIUM_SOAK_MINUTES ?? 30)
const seconds = isFull ? minutes * 60 : 20

describe.each(isFull ? engines : engines.slice(0, 1))('%s', (engine) => {
  row(
    'F34',
    engine,
    'people come and go for a long time, and nothing piles up',
    async (tell) => {
      const { rounds, failures, complaints, samples, handles } = await runSoak({ engine, seconds, isPatient: isFull })
      const warm = samples.filter((sample) => sample.seconds > seconds / 3)
      tell({
        lasted_min: seconds / 60,
        rounds,
        failed: failures.length,
        complaints: complaints.length,
        handles_before: handles.before,
        handles_after: handles.after,
        ...(isFull ? { warm_mb: warm[0]?.residentMb ?? 0, end_mb: warm.at(-1)?.residentMb ?? 0 } : {}),
        ...(isFull ? { growth_permille_10min: growthPermille(warm) } : {}),
      })
      const minute = ({ seconds: at }: { seconds: number }) => Math.floor(at / 60)
      const course = [...Map.groupBy(samples, minute).values()].map((each) => Math.round(each.at(-1)?.residentMb ?? 0))
      console.log(`F34 ${engine}, MB by the minute: ${course.join(' ')}`)
      expect({ failures, complaints }).toEqual({ failures: [], complaints: [] })
      expect(rounds).toBeGreaterThan(keptConnections + 4)
      expect(handles.after).toBeLessThanOrEqual(handles.before + (isFull ? 0 : keptConnections))
      if (isFull) expect(growthPermille(warm)).toBeLessThan(10)
    },
    { timeoutMs: seconds * 1000 + 240_000 },
  )
})
