// What bench/results holds, for the pages and the charts that are made of it.
import { readFileSync } from 'node:fs'

/** Of files that `--out` wrote, the conclusions in the order of their workloads; of two with one title the newer. */
export function readConclusions(files) {
  const runs = files.map((file) => JSON.parse(readFileSync(file, 'utf8'))).sort((a, b) => (a.at < b.at ? -1 : 1))
  const newest = new Map()
  for (const { at, conclusions } of runs)
    for (const each of conclusions) newest.set(`${each.id} ${each.title}`, { ...each, at })
  const orderOf = ({ id }) => Number(id.slice(1))
  return [...newest.values()].sort((a, b) => orderOf(a) - orderOf(b))
}

/** 3 figures, as for people. */
export const short = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))

const aim = ({ atLeast, atMost }) => (atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`)

/**
 * Each ratio to the reference of its target; `score` is how many times the target it is, from 1 on met. With `others` also
 * those to further references, which have no target and no score.
 */
export const ratiosOf = (conclusions, others = false) =>
  conclusions
    .filter(({ subjects }) => subjects)
    .flatMap(({ id, title, target, references, subjects, at, note }) => {
      const isAbout = ({ name }) => !references.includes(name) && name !== 'Atrium, other build'
      const own = subjects.find(isAbout)
      const medianOf = ({ measured }) => measured[target.of].median
      const asked = references.filter((name) => others || name === target.reference)
      return asked.map((reference) => {
        const ratio = own.ratios[reference]
        const isTarget = reference === target.reference
        const score = target.atMost === undefined ? ratio.median / target.atLeast : target.atMost / ratio.median
        const measured = [medianOf(own), medianOf(subjects.find(({ name }) => name === reference))]
        return {
          id,
          title,
          target,
          reference,
          ratio,
          score: isTarget ? score : undefined,
          measured,
          aim: aim(target),
          at,
          note,
        }
      })
    })

/** Figures without a reference that have a target. */
export const figuresOf = (conclusions) =>
  conclusions
    .filter(({ figures }) => figures)
    .flatMap(({ id, title, figures }) =>
      figures.map((figure) => ({ id, title, score: figure.atMost && figure.atMost / figure.median, ...figure })),
    )

export const growthsOf = (conclusions) => conclusions.filter(({ rows }) => rows)

const spreadText = ({ median, min, max }) =>
  min === undefined || min === max ? short(median) : `${short(median)} (${short(min)}–${short(max)})`
const units = {
  rate: '/s',
  p50: ' ms',
  p99: ' ms',
  ms: ' ms',
  idle: ' MiB',
  perSocket: ' KiB',
  microsecondsEach: ' µs',
  perCpuSecond: ' MiB/s',
}
const line = (cells) => `| ${cells.join(' | ')} |`
const tableOf = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
const verdict = (isMet) => (isMet ? 'met' : '**missed**')

export function ratioTable(conclusions, others = false) {
  const rows = ratiosOf(conclusions, others).map((each) => {
    const { id, title, target, reference, ratio, score, measured, at, note } = each
    const [own, other] = measured.map((value) => `${short(value)}${units[target.of]}`)
    return [
      `${id}, ${title}${note ? ` (${note})` : ''}`,
      own,
      `${reference}: ${other}`,
      score === undefined ? spreadText(ratio) : `**${spreadText(ratio)}**`,
      score === undefined ? '' : wantedText(each),
      at.slice(0, 10),
    ]
  })
  return tableOf(['Workload', 'Atrium', 'Beside it', 'Ratio, median (min–max)', 'Wanted', 'Of'], rows)
}

function wantedText({ target: { alone, wanted }, aim: asked, score, measured: [own] }) {
  const stretch = wanted === undefined ? '' : `, ${wanted} wished for`
  const more = alone ? `; ${alone.atMost} ${alone.unit}: ${verdict(own <= alone.atMost)}` : ''
  return `${asked}${stretch}: ${verdict(score >= 1)}${more}`
}

export const growthTables = (conclusions) =>
  growthsOf(conclusions)
    .map(({ title, sizes, rows, atMost, at, note }) => {
      const body = rows.map(({ what, ms, growth }) => [
        what,
        ...ms.map(short),
        spreadText(growth),
        verdict(growth.median <= atMost),
      ])
      const head = ['p50, ms', ...sizes.map((size) => size.toLocaleString('en')), 'Growth (min–max)', `≤ ${atMost}`]
      return `P8, ${title}, ${at.slice(0, 10)}${note ? ` (${note})` : ''}:\n\n${tableOf(head, body)}`
    })
    .join('\n\n')

/** What was worked out from a comparison; undefined where nothing was. */
export function paperTables(conclusions) {
  const tables = conclusions
    .filter(({ cells }) => cells)
    .map(({ id, title, head, cells, at }) => {
      const rows = cells.map((row) => row.map((value) => (value === null ? '' : short(value))))
      return `${id}, ${title}, ${at.slice(0, 10)}:\n\n${tableOf(head, rows)}`
    })
  return tables.length === 0 ? undefined : tables.join('\n\n')
}

/** Undefined where there are none. */
export function figureTable(conclusions) {
  const rows = figuresOf(conclusions).map(({ id, title, what, unit, atMost, score, ...measured }) => [
    `${id}, ${title}: ${what}`,
    `${spreadText(measured)} ${unit}`.trim(),
    atMost === undefined ? '' : `≤ ${atMost} ${unit}: ${verdict(score >= 1)}`,
  ])
  return rows.length === 0 ? undefined : tableOf(['Workload', 'Median (min–max)', 'Wanted'], rows)
}
