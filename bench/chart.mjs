// `node bench/chart.mjs <json>...`: pictures of results. docs/images/bench-ratios.svg: each ratio beside its target;
// docs/images/bench-growth.svg: what grows with the history. Plain SVG, for light and dark.
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './harness/folders.mjs'
import { figuresOf, growthsOf, ratiosOf, readConclusions, short } from './harness/published.mjs'

const [width, labels, values, row, top] = [960, 470, 150, 24, 74]
const plot = { from: labels + 10, to: width - values - 10 }

const escaped = (text) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`)
const cut = (text, most = 74) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
const text = (x, y, content, kind, anchor = 'start') =>
  `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${escaped(content)}</text>`

const style = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2937 }
.title { font-size: 15px; font-weight: 600 } .dim { fill: #57606a }
.page { fill: #ffffff } .met { fill: #0c7565 } .missed { fill: #b4540a } .grid { stroke: #d0d7de } .target { stroke: #1f2937; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .dim { fill: #9da7b3 } .page { fill: #0d1117 }
  .met { fill: #3fb89f } .missed { fill: #e8914a } .grid { stroke: #30363d } .target { stroke: #e6edf3 }
}`

/**
 * Bars on a scale of powers of two from a line on: `bars` are label, `score` (where the bar ends), `isMet` and `value`
 * (what is said of it); `line` is where the line is, `ticks` what the scale says.
 */
function chart({ title, hint, bars, line, ticks }) {
  const [least, most] = [ticks[0].at, ticks.at(-1).at].map(Math.log2)
  const place = (score) => {
    const share = (Math.log2(score) - least) / (most - least)
    return Number((plot.from + Math.min(1, Math.max(0, share)) * (plot.to - plot.from)).toFixed(1))
  }
  const height = top + bars.length * row + 14
  const grid = ticks.flatMap(({ at, name }) => [
    `<line class="grid" x1="${place(at)}" x2="${place(at)}" y1="${top - 6}" y2="${height - 10}"/>`,
    text(place(at), top - 11, name, 'dim', 'middle'),
  ])
  const drawn = bars.flatMap(({ label, score, isMet, value }, index) => {
    const [y, end, start] = [top + index * row, place(score), place(line)]
    const x = Math.min(start, end)
    return [
      text(8, y + 15, cut(label), ''),
      `<rect class="${isMet ? 'met' : 'missed'}" x="${x}" y="${y + 4}" width="${Math.max(2, Math.abs(end - start)).toFixed(1)}" height="14" rx="2"/>`,
      text(plot.to + 14, y + 15, value, isMet ? '' : 'missed'),
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${style}
</style>
<rect class="page" width="${width}" height="${height}" rx="6"/>
${[text(8, 22, title, 'title'), text(8, 40, hint, 'dim'), ...grid, ...drawn].join('\n')}
<line class="target" x1="${place(line)}" x2="${place(line)}" y1="${top - 6}" y2="${height - 10}"/>
</svg>
`
}

export function ratioChart(conclusions) {
  const ratios = ratiosOf(conclusions).map(({ id, title, ratio, score, aim }) => ({
    label: `${id} ${title}`,
    score,
    value: `${short(ratio.median)} × (${aim})`,
  }))
  const figures = figuresOf(conclusions)
    .filter(({ atMost }) => atMost !== undefined)
    .map(({ id, what, unit, median, atMost, score }) => ({
      label: `${id} ${what}`,
      score,
      value: `${short(median)} (≤ ${atMost}) ${unit}`,
    }))
  return chart({
    title: 'Ratios against their targets',
    hint: 'To the right of the line: better than the target. In brackets the target.',
    bars: [...ratios, ...figures].map((each) => ({ ...each, isMet: each.score >= 1 })),
    line: 1,
    ticks: [1 / 8, 1 / 4, 1 / 2, 1, 2, 4].map((at) => ({ at, name: at < 1 ? `1/${1 / at}` : `${at} ×` })),
  })
}

/** Undefined where nothing of P8 was measured. */
export function growthChart(conclusions) {
  const growths = growthsOf(conclusions)
  if (growths.length === 0) return undefined
  const bars = growths.flatMap(({ title, rows, atMost }) =>
    rows.map(({ what, ms, growth }) => ({
      label: `${title.split(', ').at(-1)}: ${what}, ${short(ms[0])} → ${short(ms.at(-1))} ms`,
      score: growth.median,
      isMet: growth.median <= atMost,
      value: `${short(growth.median)} × (≤ ${atMost})`,
    })),
  )
  return chart({
    title: 'What grows with what is stored',
    hint: `Times longer with the most than with the least (${[...new Set(growths.map(({ sizes }) => `${short(sizes[0])} → ${short(sizes.at(-1))}`))].join(', ')}).`,
    bars,
    line: 1,
    ticks: [0.5, 1, 1.5, 2, 4].map((at) => ({ at, name: `${at} ×` })),
  })
}

export const resultFiles = () => globSync('bench/results/*.json', { cwd: root }).map((file) => join(root, file))
export const images = { 'bench-ratios.svg': ratioChart, 'bench-growth.svg': growthChart }

if (process.argv[1] === import.meta.filename) {
  const files = process.argv.slice(2)
  const conclusions = readConclusions(files.length > 0 ? files : resultFiles())
  for (const [name, draw] of Object.entries(images)) {
    const svg = draw(conclusions)
    if (svg) writeFileSync(join(root, 'docs/images', name), svg)
  }
}
