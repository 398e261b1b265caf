import { hourMs } from './load.ts'

export interface Point {
  at: number
  value: number | null
}

interface Plot {
  /** The right edge. */
  now: number
  width: number
  height: number
  /** What reaches the upper edge. */
  top: number
}

/** Where the lines of an hour run; what is not known leaves a gap. */
export function linesOf(points: readonly Point[], { now, width, height, top }: Plot): [number, number][][] {
  const lines: [number, number][][] = [[]]
  for (const { at, value } of points) {
    if (value === null) {
      lines.push([])
      continue
    }
    const x = width * (1 - (now - at) / hourMs)
    const y = height * (1 - value / top)
    lines.at(-1)?.push([Math.round(x * 10) / 10, Math.round(y * 10) / 10])
  }
  return lines.filter((line) => line.length > 0)
}
