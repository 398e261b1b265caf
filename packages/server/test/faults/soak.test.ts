import { describe, expect } from 'vitest'
import { engines, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { growthPermille, keptConnections, runSoak } from './harness/soak-run.ts'

/** Of the full matrix; a release is soaked for eight hours. */
const minutes = Number(process.env.ATRIUM_SOAK_MINUTES ?? 30)
const seconds = isFull ? minutes * 60 : 20
/** Warm is who has kept the oldest of what is kept for a time: verified tokens, for ten minutes. */
const warmSeconds = Math.min(630, seconds / 2)

describe.each(isFull ? engines : engines.slice(0, 1))('%s', (engine) => {
  row(
    'F34',
    engine,
    'people come and go for a long time, and nothing piles up',
    async (tell) => {
      const warmMessages = isFull ? 12_000 : 0
      const found = await runSoak({ engine, seconds, isPatient: isFull, warmMessages })
      const { rounds, failures, complaints, samples, mostMb, handles } = found
      const warm = samples.filter((sample) => sample.seconds > warmSeconds)
      tell({
        lasted_min: seconds / 60,
        rounds,
        failed: failures.length,
        complaints: complaints.length,
        handles_before: handles.before,
        handles_after: handles.after,
        warm_mb: warm[0]?.residentMb ?? 0,
        end_mb: warm.at(-1)?.residentMb ?? 0,
        most_mb: mostMb,
        heap_mb: warm.at(-1)?.heapMb ?? 0,
      })
      if (isFull) {
        const permille = (what: 'residentMb' | 'heapMb') => growthPermille(warm, what)
        tell({ growth_permille_10min: permille('residentMb'), heap_permille_10min: permille('heapMb') })
      }
      const course = samples.map(({ residentMb, heapMb }) => `${residentMb.toFixed(0)}/${heapMb.toFixed(1)}`)
      console.log(`F34 ${engine}, resident/heap in MB: ${course.join(' ')}`)
      expect({ failures, complaints }).toEqual({ failures: [], complaints: [] })
      expect(rounds).toBeGreaterThan(keptConnections + 4)
      expect(handles.after).toBeLessThanOrEqual(handles.before + (isFull ? 0 : keptConnections))
      if (!isFull) return
      expect.soft(growthPermille(warm, 'residentMb')).toBeLessThan(10)
      expect.soft(growthPermille(warm, 'heapMb')).toBeLessThan(10)
    },
    { timeoutMs: seconds * 1000 + (isFull ? 900_000 : 240_000) },
  )
})
