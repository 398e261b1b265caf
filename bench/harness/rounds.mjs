import { waitForQuiet, watchOthers } from './machine.mjs'

const disturbedFrom = 0.15
const tries = 4

export const sorted = (values) => [...values].sort((a, b) => a - b)

export function median(values) {
  const list = sorted(values)
  const middle = list.length >> 1
  return list.length % 2 === 1 ? list[middle] : (list[middle - 1] + list[middle]) / 2
}

export const spread = (values) => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
})

/**
 * Measures each subject once a round, in turn: A B C, C B A, A B C … so that what drifts, drifts for all. A measurement
 * during which others used the machine is repeated while `patience` lasts; then the least disturbed one counts, marked.
 * Answers per subject the list of its rounds.
 */
export async function inTurn(subjects, { rounds, patience, tell, of = 'rate', unit = '/s' }) {
  const results = new Map(subjects.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const subject of round % 2 === 0 ? [...subjects].reverse() : subjects) {
      const measured = await undisturbed(subject, patience)
      results.get(subject.name).push(measured)
      const mark = measured.disturbed ? `, others used ${measured.others.toFixed(2)} of a core` : ''
      tell(`  round ${round}: ${subject.name} ${Math.round(measured[of])}${unit}${mark}`)
    }
  }
  return results
}

async function undisturbed({ measure }, patience) {
  let best
  for (let attempt = 1; attempt <= tries; attempt++) {
    await waitForQuiet(Math.min(15_000, patience.leftMs()))
    const { result, others } = await watchOthers(measure)
    if (best === undefined || others < best.others) best = { ...result, others, disturbed: others > disturbedFrom }
    if (!best.disturbed || patience.leftMs() === 0) break
  }
  return best
}

/** From now on, how long a run still waits for a quiet machine and repeats what was disturbed. */
export function patienceOf(seconds) {
  const end = performance.now() + seconds * 1000
  return { leftMs: () => Math.max(0, end - performance.now()) }
}

/** What `of` gives for a subject divided by what it gives for the reference, round by round. */
export function ratios(results, name, reference, of) {
  const [own, other] = [results.get(name), results.get(reference)]
  return spread(own.map((round, index) => of(round) / of(other[index])))
}
