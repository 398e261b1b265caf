import classes from './dashboard.module.css'
import { linesOf, type Point } from './lines.ts'

const [width, height] = [360, 56]

interface SparklineProps {
  points: readonly Point[]
  /** The right edge of all charts. */
  now: number
  /** What reaches the upper edge at least. */
  least: number
  /** Said instead of the picture. */
  label: string
  isAlarming: boolean
}

/** An hour as a line. */
export function Sparkline({ points, now, least, label, isAlarming }: SparklineProps) {
  const top = Math.max(least, ...points.map(({ value }) => value ?? 0))
  const lines = linesOf(points, { now, width, height: height - 4, top })
  return (
    <svg
      className={classes.chart}
      viewBox={`0 -2 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      data-alarming={isAlarming || undefined}
    >
      <line className={classes.base} x1={0} x2={width} y1={height - 4} y2={height - 4} />
      {lines.map((line) => {
        const [[x0] = [0], [x1] = [0]] = [line[0] ?? [0, 0], line.at(-1) ?? [0, 0]]
        const path = line.map(([x, y]) => `${x} ${y}`).join('L')
        return (
          <g key={x0}>
            <path className={classes.area} d={`M${x0} ${height - 4}L${path}L${x1} ${height - 4}Z`} />
            {/* One point alone is a dot. */}
            <path className={classes.line} d={`M${path}${line.length === 1 ? `l0.1 0` : ''}`} />
          </g>
        )
      })}
    </svg>
  )
}
