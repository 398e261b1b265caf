import { ratios, spread } from './rounds.mjs'

const round = (value, digits = 3) => {
  if (Number.isNaN(value) || value === undefined) return '–'
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(digits)))
}
const range = ({ median, min, max }) => `${round(median)} (${round(min)}–${round(max)})`

/** What is told of a measurement besides its ratios; a workload can have columns of its own. */
const usualColumns = {
  rate: 'per second, median (min–max)',
  p50: 'p50 ms',
  p99: 'p99 ms',
  microsecondsEach: 'CPU µs each',
  serverCpu: 'server CPU',
}

/** What a comparison says, as numbers: per subject what was measured and, against each reference, the ratio of each round. */
export function conclude(measured) {
  // A table that the workload has made itself.
  if (!measured.results) return measured
  const { id, title, results, references, target, columns = usualColumns } = measured
  const subjects = [...results].map(([name, rounds]) => ({
    name,
    measured: Object.fromEntries(
      Object.keys(columns).map((key) => [key, spread(rounds.map((each) => each[key] ?? Number.NaN))]),
    ),
    disturbed: rounds.filter((each) => each.disturbed).length,
    ratios: Object.fromEntries(
      references.map((reference) => [reference, ratios(results, name, reference, (each) => each[target.of])]),
    ),
    rounds: rounds.map(({ records: _, ...each }) => each),
  }))
  return { id, title, target, references, columns, subjects }
}

/** The same as a table for people; Markdown, so that it can be kept. */
function table({ id, title, target, references, columns, subjects }) {
  const head = ['subject', ...Object.values(columns), ...references.map((name) => `÷ ${name}`), 'disturbed']
  const rows = subjects.map((subject) => [
    subject.name,
    ...Object.keys(columns).map((key) => (key === target.of ? range : typical)(subject.measured[key])),
    ...references.map((name) => (name === subject.name ? '1' : range(subject.ratios[name]))),
    String(subject.disturbed),
  ])
  const verdicts = subjects.filter(({ name }) => !references.includes(name)).map((subject) => verdict(subject, target))
  return [`${id}: ${title}`, '', ...markdown(head, rows), '', ...verdicts, ''].join('\n')
}

const typical = ({ median }) => round(median)

function markdown(head, rows) {
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}

/** Numbers that follow from those of a comparison. */
const plainTable = ({ id, title, head, cells }) =>
  [
    `${id}: ${title}`,
    '',
    ...markdown(
      head,
      cells.map((row) => row.map((value) => (typeof value === 'number' ? round(value) : value))),
    ),
    '',
  ].join('\n')

/** What has no reference beside it: figures of their own, some with a target. */
function figuresTable({ id, title, figures }) {
  const lines = figures.map(({ what, unit, atMost, ...measured }) => [
    what,
    `${range(measured)} ${unit}`.trim(),
    atMost === undefined ? '' : `${atMost} ${unit}: ${measured.median <= atMost ? 'met' : 'missed'}`,
  ])
  return [`${id}: ${title}`, '', ...markdown(['', 'median (min–max)', 'at most'], lines), ''].join('\n')
}

/** A conclusion as text, of whichever kind it is. */
export function told(each) {
  if (each.rows) return growthTable(each)
  if (each.figures) return figuresTable(each)
  return each.cells ? plainTable(each) : table(each)
}

/** What each thing costs at each size, in milliseconds, and how much more at the largest than at the smallest. */
function growthTable({ id, title, sizes, rows, atMost }) {
  const head = ['request, p50 ms', ...sizes.map((size) => size.toLocaleString('en')), 'growth (min–max)', '']
  const lines = rows.map(({ what, ms, growth }) => [
    what,
    ...ms.map((each) => round(each)),
    range(growth),
    growth.median <= atMost ? 'met' : 'missed',
  ])
  return [`${id}: ${title} (at most ${atMost})`, '', ...markdown(head, lines), ''].join('\n')
}

const names = {
  microsecondsEach: 'server CPU of each',
  perSocket: 'memory of a socket',
  idle: 'memory of a server that has just started',
  ms: 'time of a start',
  perCpuSecond: 'what a processor second sends',
}

/** Whether the median of the rounds meets what performance is aimed at. */
function verdict({ name, ratios, measured }, { reference, of, atLeast, atMost, wanted, alone }) {
  const { median } = ratios[reference]
  const aim = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  const isMet = atMost === undefined ? median >= atLeast : median <= atMost
  const more = wanted === undefined ? '' : `, ${wanted} wanted`
  const own = alone && measured[of].median <= alone.atMost ? 'met' : 'missed'
  const also = alone ? `; at most ${alone.atMost} ${alone.unit}: ${own}` : ''
  return `${name}: ${names[of] ?? of} is ${round(median)} × ${reference} (${aim}${more}): ${isMet ? 'met' : 'missed'}${also}`
}
