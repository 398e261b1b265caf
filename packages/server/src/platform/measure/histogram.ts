/** Seconds. Fine enough to tell a good answer from a bad one, coarse enough to be kept for each route. */
export const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Seconds: from 50 µs to 13 s, each twice the one before. */
export const queryBounds: readonly number[] = Array.from({ length: 19 }, (_, i) => 0.000_05 * 2 ** i)

/** How long things took, as counts between bounds: it takes the same room however many there were. */
export class Histogram {
  readonly bounds: readonly number[]
  /** How many lie up to each bound and above the one before; the last lies above all of them. */
  readonly #counts: Float64Array
  sum = 0
  count = 0
  max = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(seconds: number): void {
    let at = 0
    while (at < this.bounds.length && seconds > (this.bounds[at] as number)) at++
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.sum += seconds
    this.count++
    if (seconds > this.max) this.max = seconds
  }

  /** The bounds with how many lie up to each. */
  cumulative(): { le: number; count: number }[] {
    let count = 0
    return this.bounds.map((le, i) => {
      count += this.#counts[i] as number
      return { le, count }
    })
  }

  /** Up to which time this share of all took, as well as the bounds tell; 0 where there was nothing. */
  quantile(share: number): number {
    return quantileOf([this], share)
  }

  add(other: Histogram): void {
    for (let i = 0; i < this.#counts.length; i++)
      this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number)
    this.sum += other.sum
    this.count += other.count
    this.max = Math.max(this.max, other.max)
  }

  /** What came after `before`, an earlier state of the same. Of its longest it only knows that it is no longer than that of all. */
  since(before: Histogram): Histogram {
    const left = new Histogram(this.bounds)
    for (let i = 0; i < left.#counts.length; i++)
      left.#counts[i] = (this.#counts[i] as number) - (before.#counts[i] as number)
    left.sum = this.sum - before.sum
    left.count = this.count - before.count
    left.max = left.count === 0 ? 0 : this.max
    return left
  }
}

/** Of several with the same bounds, taken together. */
export function quantileOf(histograms: readonly Histogram[], share: number): number {
  const [first] = histograms
  const total = histograms.reduce((sum, { count }) => sum + count, 0)
  if (!first || total === 0) return 0
  const max = Math.max(...histograms.map((histogram) => histogram.max))
  const lists = histograms.map((histogram) => histogram.cumulative())
  let before = 0
  for (const [i, bound] of first.bounds.entries()) {
    const upTo = lists.reduce((sum, list) => sum + (list[i]?.count ?? 0), 0)
    if (upTo >= share * total) {
      const lower = first.bounds[i - 1] ?? 0
      const within = upTo === before ? 0 : (share * total - before) / (upTo - before)
      return Math.min(max, lower + within * (bound - lower))
    }
    before = upTo
  }
  return max
}
