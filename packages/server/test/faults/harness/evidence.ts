import { seed } from './chance.ts'
import type { Evidence, Row, View } from './checkers.ts'
import { check, type Violation } from './checkers.ts'
import type { History } from './history.ts'
import type { Installation } from './installation.ts'
import { readMessages } from './person.ts'
import type { Reader } from './reader.ts'
import { until } from './waiting.ts'

/** How long clients may take to have everything after the last fault. */
const catchUpLimitMs = 10_000

export interface Findings extends Evidence {
  violations: Violation[]
  /** Until every reader had everything. */
  caughtUpMs: number
}

/** Waits until the readers have caught up and compares what was said, what is stored and what is shown. */
export async function collectEvidence(
  installation: Installation,
  history: History,
  readers: readonly Reader[],
  conversations: readonly string[],
  otherViews: readonly View[] = [],
): Promise<Findings> {
  const caughtUpMs = await catchUp(installation, readers, conversations)
  const heads = await readHeads(installation, conversations)
  const hears = pairs(readers, conversations)

  const live = hears.map(({ reader, conversation }): View => {
    const position = reader.position(conversation)
    return { reader: reader.name, conversation, position, messages: reader.messages(conversation) }
  })
  const fetched = await Promise.all(
    installation.nodes.flatMap(({ origin }) =>
      hears.map(async ({ reader, conversation }): Promise<View> => {
        const messages = await readMessages(origin, reader.person, conversation)
        return { reader: `${reader.name} by REST`, conversation, position: heads.get(conversation) ?? 0, messages }
      }),
    ),
  )
  const evidence = {
    history,
    heads,
    rows: await readRows(installation, conversations),
    views: [...live, ...fetched, ...otherViews],
  }
  const violations = [
    ...check(evidence),
    ...readers.flatMap((reader) =>
      reader.conflicts.map((what): Violation => ({ kind: 'order', key: reader.name, what: `holds two at ${what}` })),
    ),
    ...installation.surprises.map((what): Violation => ({ kind: 'lost', key: 'server', what })),
  ]
  return { ...evidence, violations, caughtUpMs }
}

/**
 * Resolves to the milliseconds until every reader stood where its streams ended when this was called; infinite for one
 * that does not arrive, of whom the checkers say more.
 */
export async function catchUp(
  installation: Installation,
  readers: readonly Reader[],
  conversations: readonly string[],
): Promise<number> {
  const heads = await readHeads(installation, conversations)
  const isThere = () =>
    pairs(readers, conversations).every(
      ({ reader, conversation }) => reader.position(conversation) >= (heads.get(conversation) ?? 0),
    )
  return until(isThere, catchUpLimitMs, () => 'late').catch(() => Number.POSITIVE_INFINITY)
}

const pairs = (readers: readonly Reader[], conversations: readonly string[]) =>
  conversations.flatMap((conversation) =>
    readers.filter((reader) => reader.holds(conversation)).map((reader) => ({ reader, conversation })),
  )

async function readHeads({ db }: Installation, conversations: readonly string[]): Promise<Map<string, number>> {
  const names = conversations.map((id) => `conversation:${id}`)
  const rows = await db.selectFrom('streams').select(['id', 'head']).where('id', 'in', names).execute()
  return new Map(rows.map(({ id, head }) => [id.slice('conversation:'.length), head]))
}

function readRows({ db }: Installation, conversations: readonly string[]): Promise<Row[]> {
  return db
    .selectFrom('messages')
    .select(['id', 'conversation_id', 'seq', 'number', 'sender_id', 'client_id'])
    .where('conversation_id', 'in', [...conversations])
    .orderBy('conversation_id')
    .orderBy('seq')
    .execute()
}

const violationsShown = 12
const linesShown = 12

/** Throws what is wrong, with the seed and the history of what it concerns. */
export function assertSound(name: string, { violations, history }: Findings): void {
  if (violations.length === 0) return
  const shown = violations.slice(0, violationsShown).map(({ kind, key, what }) => {
    const lines = history.about(key, linesShown).map((line) => `    ${line}`)
    return [`${kind} ${key}: ${what.slice(0, 2000)}`, ...lines].join('\n')
  })
  const where = `ATRIUM_FAULT_SEED=${seed}, whole history in ${history.save(name)}`
  throw new Error(`${violations.length} violations (${where}):\n${shown.join('\n')}`)
}

/** The value that all but a part of the figures stay below. */
export const percentile = (figures: readonly number[], part: number): number =>
  [...figures].sort((a, b) => a - b)[Math.max(0, Math.ceil(figures.length * part) - 1)] ?? 0

/** One line of figures for whoever reads the run's output. */
export function report(name: string, figures: Record<string, number>): void {
  const shown = Object.entries(figures).map(([figure, value]) => `${figure} ${Math.round(value)}`)
  console.log(`${name} (seed ${seed}): ${shown.join(', ')}`)
}
