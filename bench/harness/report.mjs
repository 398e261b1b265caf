import { ratios, spread } from './rounds.mjs'

const round = (value, digits = 3) => {
  if (Number.isNaN(value) || value === undefined) return '–'
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(digits)))
}
const range = ({ median, min, max }) => `${round(median)} (${round(min)}–${round(max)})`

/** What a comparison says, as numbers: per subject its rates and, against each reference, the ratio of each round. */
export function conclude({ id, title, results, references, target }) {
  const subjects = [...results].map(([name, rounds]) => ({
    name,
    rate: spread(rounds.map((each) => each.rate)),
    p50: spread(rounds.map((each) => each.p50)),
    p99: spread(rounds.map((each) => each.p99)),
    serverCpu: spread(rounds.map((each) => each.serverCpu ?? Number.NaN)).median,
    microsecondsEach: spread(rounds.map((each) => each.microsecondsEach)),
    disturbed: rounds.filter((each) => each.disturbed).length,
    ratios: Object.fromEntries(
      references.map((reference) => [reference, ratios(results, name, reference, (each) => each[target.of])]),
    ),
    rounds: rounds.map(({ records: _, ...each }) => each),
  }))
  return { id, title, target, references, subjects }
}

/** The same as a table for people; Markdown, so that it can be kept. */
export function table({ id, title, target, references, subjects }) {
  const head = [
    'subject',
    'per second, median (min–max)',
    ...references.map((name) => `${target.of} ÷ ${name}`),
    'p50 ms',
    'p99 ms',
    'CPU µs each',
    'server CPU',
    'disturbed',
  ]
  const rows = subjects.map((subject) => [
    subject.name,
    range(subject.rate),
    ...references.map((name) => (name === subject.name ? '1' : range(subject.ratios[name]))),
    round(subject.p50.median),
    round(subject.p99.median),
    range(subject.microsecondsEach),
    round(subject.serverCpu, 2),
    String(subject.disturbed),
  ])
  const verdicts = subjects.filter(({ name }) => !references.includes(name)).map((subject) => verdict(subject, target))
  return [`${id}: ${title}`, '', ...markdown(head, rows), '', ...verdicts, ''].join('\n')
}

function markdown(head, rows) {
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}

/** What each thing costs at each size, in milliseconds, and how much more at the largest than at the smallest. */
export function growthTable({ id, title, sizes, rows, atMost }) {
  const head = ['request, p50 ms', ...sizes.map((size) => size.toLocaleString('en')), 'growth', '']
  const lines = rows.map(({ what, ms, ratio }) => [
    what,
    ...ms.map((each) => round(each)),
    round(ratio),
    ratio <= atMost ? 'met' : 'missed',
  ])
  return [`${id}: ${title} (at most ${atMost})`, '', ...markdown(head, lines), ''].join('\n')
}

/** Whether the median of the rounds meets what performance is aimed at. */
function verdict({ name, ratios }, { reference, of, atLeast, atMost, wanted }) {
  const { median } = ratios[reference]
  const aim = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  const isMet = atMost === undefined ? median >= atLeast : median <= atMost
  const more = wanted === undefined ? '' : `, ${wanted} wanted`
  return `${name}: ${of} is ${round(median)} × ${reference} (${aim}${more}): ${isMet ? 'met' : 'missed'}`
}
