/** One step of ten seconds, as the server measured it. */
export interface LoadSample {
  at: string
  requests: number
  errors: number
  p50_ms: number
  p95_ms: number
  sockets: number
  pending: number | null
  pool_in_use: number
  pool_waiting: number
  queries: number
  query_p95_ms: number
  busy: number
  memory: number
}

export interface Load {
  /** When the process began that measured this. */
  since: string
  /** That answer at this address: each time any of them. */
  processes: number
  step_seconds: number
  pool_max: number
  data: readonly LoadSample[]
  /** How often another process has answered since. */
  missed?: number
}

export const measures = [
  'requests',
  'latency',
  'errors',
  'sockets',
  'pending',
  'pool',
  'queries',
  'query',
  'busy',
  'memory',
] as const
export type Measure = (typeof measures)[number]

export const hourMs = 3_600_000

/** So often others may answer before the one that is shown is given up, for each process there is. */
const missesOfEach = 6

/**
 * What is held with what is new. Where several processes answer, the one that was shown first stays in sight;
 * undefined when it seems to be gone, and all has to be asked for anew.
 */
export function joined(held: Load | undefined, news: Load): Load | undefined {
  if (!held) return news
  if (held.since !== news.since) {
    const missed = (held.missed ?? 0) + 1
    return news.processes > 1 && missed <= missesOfEach * news.processes ? { ...held, missed } : undefined
  }
  const last = held.data.at(-1)?.at ?? ''
  const data = [...held.data, ...news.data.filter(({ at }) => at > last)]
  const newest = Date.parse(data.at(-1)?.at ?? '')
  return { ...news, data: data.filter(({ at }) => Date.parse(at) > newest - hourMs) }
}

/** A measure of one step in its unit; null where it is not known. */
export function measured(measure: Measure, sample: LoadSample, stepSeconds: number): number | null {
  switch (measure) {
    case 'requests':
      return sample.requests / stepSeconds
    case 'errors':
      return (sample.errors / stepSeconds) * 60
    case 'queries':
      return sample.queries / stepSeconds
    case 'latency':
      // Where nobody asked, nobody waited.
      return sample.requests === 0 ? null : sample.p95_ms
    case 'query':
      return sample.queries === 0 ? null : sample.query_p95_ms
    case 'pool':
      return sample.pool_in_use
    case 'busy':
      return sample.busy * 100
    case 'sockets':
    case 'pending':
    case 'memory':
      return sample[measure]
  }
}

const levels: ReadonlySet<Measure> = new Set(['sockets', 'pending', 'pool', 'memory'])
const longest: ReadonlySet<Measure> = new Set(['latency', 'query'])

/** Several steps as one number: how it ended, the longest of times, the mean of the rest. */
export function together(measure: Measure, samples: readonly LoadSample[], stepSeconds: number): number | null {
  const known = samples.flatMap((sample) => measured(measure, sample, stepSeconds) ?? [])
  if (known.length === 0) return null
  if (levels.has(measure)) return known.at(-1) ?? null
  if (longest.has(measure)) return Math.max(...known)
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

/** Steps of the last hour by five minutes of the clock, newest first. */
export function byFiveMinutes(samples: readonly LoadSample[]): { until: Date; samples: LoadSample[] }[] {
  const fiveMinutes = 300_000
  const groups = Map.groupBy(samples, ({ at }) => Math.ceil(Date.parse(at) / fiveMinutes))
  return [...groups].map(([index, group]) => ({ until: new Date(index * fiveMinutes), samples: group })).reverse()
}
