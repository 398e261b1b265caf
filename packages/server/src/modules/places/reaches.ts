import type { Position } from '../../platform/geo/geodesic.ts'

const maxKept = 5_000
const longestKey = 300
/** In degrees: about as large as a small town. */
const cellSize = 0.05

/**
 * How far apart places were when they were last looked for somewhere: where the first look goes, so that one is mostly
 * enough. Only how long an answer takes depends on it, never what it says.
 */
export class Reaches {
  /** Square metres that brought one place (over π); the last used comes last. */
  readonly #kept = new Map<string, number>()

  at({ lon, lat }: Position, conditions: string, start: number, limit: number) {
    const key = `${Math.floor(lon / cellSize)} ${Math.floor(lat / cellSize)} ${conditions}`
    const known = this.#kept.get(key)
    return {
      expected: known === undefined ? undefined : Math.sqrt(start ** 2 + known * limit * 1.5),
      remember: (end: number) => {
        if (key.length > longestKey) return
        this.#kept.delete(key)
        this.#kept.set(key, Math.max(1, end ** 2 - start ** 2) / limit)
        const [oldest] = this.#kept.keys()
        if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest)
      },
    }
  }
}
