import type { Clock } from '../clock.ts'
import { askAll, mapped, type Question, writeAll } from '../db/at-once.ts'
import type { Dialect } from '../db/dialects/dialect.ts'
import { prepared, rowsWritten } from '../db/prepared.ts'
import type { Db, EventsTable } from '../db/schema.ts'
import { defineTopic, type EventBus } from './event-bus.ts'

/** What happened: a kind and ids, never content. */
export interface NewEvent {
  /** `conversation:<id>`, `user:<id>`, `table:<name>`. */
  stream: string
  type: string
  refs: Record<string, string | number>
}

/** An event in its place: `seq` grows by one per event of its stream, without holes. */
export type AppendedEvent = NewEvent & { seq: number; at: string }

export interface StreamHead {
  stream: string
  /** `seq` of the newest event. */
  seq: number
}

/** How far a stream reaches now and, where they are known, the events that it has grown by: what would be read of them. */
export interface StreamAdvance extends StreamHead {
  events?: readonly AppendedEvent[]
}

/** Streams have grown: a wake-up for whoever reads them. */
export const streamsAdvanced = defineTopic<readonly StreamAdvance[]>('streams.advanced', { shared: true })

/** More than so many are read by those who tell them: not all processes that hear of them have someone to tell. */
const mostTold = 200

/** The new heads after `events` were appended. */
export function headsAfter(events: readonly AppendedEvent[]): StreamHead[] {
  const heads = new Map<string, number>()
  for (const { stream, seq } of events) heads.set(stream, Math.max(seq, heads.get(stream) ?? 0))
  return [...heads].map(([stream, seq]) => ({ stream, seq }))
}

/** After the commit, in this process and the others. */
export function tellAppended(bus: EventBus, events: readonly AppendedEvent[]): void {
  const heads = headsAfter(events)
  const byStream = events.length > mostTold ? undefined : Map.groupBy(events, ({ stream }) => stream)
  const news = heads.map((head) => ({ ...head, events: byStream?.get(head.stream) ?? [] }))
  bus.publish(streamsAdvanced, news)
}

export async function createStream(tx: Db, id: string): Promise<void> {
  await createStreams(tx, [id])
}

export async function createStreams(tx: Db, ids: readonly string[]): Promise<void> {
  await tx
    .insertInto('streams')
    .values(ids.map((id) => ({ id, head: 0, tail: 1, changed_at: 0 })))
    .execute()
}

/** For streams that are there from the start: makes those that are not yet. */
export async function createMissingStreams(tx: Db, ids: readonly string[]): Promise<void> {
  const there = new Set((await listHeads(tx, ids)).map(({ stream }) => stream))
  const missing = ids.filter((id) => !there.has(id))
  if (missing.length > 0) await createStreams(tx, missing)
}

/** With everything in it; for what nobody will read any more. */
export async function deleteStream(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('events').where('stream_id', '=', id).execute()
  await tx.deleteFrom('streams').where('id', '=', id).execute()
}

const rowsPerInsert = 500
type Columns = { [Column in keyof EventsTable]: EventsTable[Column] }

/** Streams that are locked. */
export type HeldHeads = ReadonlyMap<string, HeldHead>

interface HeldHead {
  /** `seq` of its newest event. */
  head: number
  /** Since it was last marked as changed. */
  idleMs: number
}

/**
 * A stream that grows again so soon is not marked anew: a mark is an entry of an index, which moves with it. Whoever looks
 * for what has changed looks so much further back.
 */
const markedForMs = 5_000

/**
 * What `uow.append` does. Streams are locked in ascending id, the same order for everybody: appends cannot deadlock. What
 * is `held` already is not asked for again.
 */
export async function appendEvents(
  tx: Db,
  dialect: Pick<Dialect, 'nowMs' | 'lock' | 'insertsAlone'>,
  events: readonly NewEvent[],
  now: Clock,
  held?: HeldHeads,
): Promise<AppendedEvent[]> {
  if (events.length === 0) return []
  const next = await raiseHeads(tx, dialect, events, held)
  const at = now().toISOString()
  const appended = events.map((event) => {
    const seq = next.get(event.stream) as number
    next.set(event.stream, seq + 1)
    return { stream: event.stream, type: event.type, refs: event.refs, seq, at }
  })
  for (let first = 0; first < appended.length; first += rowsPerInsert) {
    const rows = appended.slice(first, first + rowsPerInsert).map(eventToRow)
    await writeAll(tx, rowsWritten(insertedEvents, tx, dialect, rows))
  }
  return appended
}

const headsForUpdate = prepared(
  (tx, { ids }: { ids: readonly string[] }, { lock, nowMs }: Pick<Dialect, 'lock' | 'nowMs'>) =>
    lock.forUpdate(
      tx
        .selectFrom('streams')
        .select((row) => ['id', 'head', row(nowMs, '-', row.ref('changed_at')).as('idle_ms')])
        .where('id', 'in', ids)
        .orderBy('id'),
    ),
)

const raisedHeads = prepared((tx, { count, ids }: { count: number; ids: readonly string[] }) =>
  tx
    .updateTable('streams')
    .set((row) => ({ head: row('head', '+', count) }))
    .where('id', 'in', ids),
)

const markedChanged = prepared((tx, { ids }: { ids: readonly string[] }, { nowMs }: Pick<Dialect, 'nowMs'>) =>
  tx
    .updateTable('streams')
    .set({ changed_at: nowMs })
    .where('id', 'in', ids)
    .where((row) => row('changed_at', '<', row(nowMs, '-', markedForMs))),
)

const insertedEvents = prepared((tx, { rows }: { rows: readonly Columns[] }) =>
  tx.insertInto('events').values([...rows]),
)

/** Locks streams, to be asked after every other row lock of the same transaction; for `append`. */
export const askHeadsForUpdate = (
  tx: Db,
  dialect: Pick<Dialect, 'lock' | 'nowMs'>,
  streams: Iterable<string>,
): Question<HeldHeads> =>
  mapped(
    headsForUpdate.asked(tx, { ids: [...streams].sort() }, dialect),
    (rows) => new Map(rows.map(({ id, head, idle_ms }) => [id, { head, idleMs: idle_ms }])),
  )

/** Per stream the seq of its first new event. */
async function raiseHeads(
  tx: Db,
  dialect: Pick<Dialect, 'nowMs' | 'lock'>,
  events: readonly NewEvent[],
  held: HeldHeads = new Map(),
) {
  const counts = new Map<string, number>()
  for (const { stream } of events) counts.set(stream, (counts.get(stream) ?? 0) + 1)
  const ids = [...counts.keys()].sort()
  // Once they are locked they can be raised in any order.
  const raises = [...Map.groupBy(ids, (id) => counts.get(id) as number)].map(([count, those]) => ({
    count,
    ids: those,
  }))
  let heads = held
  if (ids.every((id) => held.has(id))) {
    const writes = raises.map((raise) => raisedHeads.written(tx, raise))
    const due = ids.filter((id) => (held.get(id)?.idleMs ?? 0) > markedForMs)
    if (due.length > 0) writes.push(markedChanged.written(tx, { ids: due }, dialect))
    await writeAll(tx, writes)
  } else {
    const asked = raises.map((raise) => raisedHeads.asked(tx, raise))
    asked.push(markedChanged.asked(tx, { ids }, dialect))
    ;[heads] = await askAll<[HeldHeads, ...unknown[]]>(tx, [askHeadsForUpdate(tx, dialect, ids), ...asked])
  }
  const missing = ids.find((id) => !heads.has(id))
  if (missing !== undefined) throw new Error(`There is no stream ${missing}: create it with what it belongs to.`)
  return new Map([...heads].map(([id, { head }]) => [id, head + 1]))
}

const eventsAfter = prepared((db, { stream, after, limit }: { stream: string; after: number; limit: number }) =>
  db
    .selectFrom('events')
    .selectAll()
    .where('stream_id', '=', stream)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit),
)

/** The events of one stream after `after`, ascending. */
export async function readEvents(db: Db, stream: string, after: number, limit: number): Promise<AppendedEvent[]> {
  const { rows } = await eventsAfter(db, { stream, after, limit })
  return rows.map(rowToEvent)
}

/** The same for many streams in one query, ordered by stream and seq; `limit` is for all of them together. */
export async function readEventsAfter(
  db: Db,
  dialect: Pick<Dialect, 'positions'>,
  positions: readonly StreamHead[],
  limit: number,
): Promise<AppendedEvent[]> {
  if (positions.length === 0) return []
  const json = JSON.stringify(positions.map(({ stream, seq }) => [stream, seq]))
  const { rows } = await eventsAfterPositions(db, { json, limit }, dialect)
  return rows.map(rowToEvent)
}

/** For `readEventsAfter`, and for a look at how it is answered. */
export const eventsAfterPositions = prepared(
  (db, { json, limit }: { json: string; limit: number }, { positions }: Pick<Dialect, 'positions'>) =>
    db
      .selectFrom(positions(json).as('positions'))
      // Told to SQLite, which may not turn it around: from each of all events it would look for a position.
      .crossJoin('events')
      .selectAll('events')
      .whereRef('events.stream_id', '=', 'positions.stream_id')
      .whereRef('events.seq', '>', 'positions.position')
      // More of one stream could not be answered: without this a far-behind client would have everything sorted.
      .where((row) => row('events.seq', '<=', row('positions.position', '+', limit)))
      .orderBy('events.stream_id')
      .orderBy('events.seq')
      .limit(limit),
)

/** Heads of the streams that exist, in no particular order. */
export async function listHeads(db: Db, ids: readonly string[]): Promise<StreamHead[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('streams')
    .select(['id', 'head'])
    .where('id', 'in', [...ids])
    .execute()
  return rows.map(({ id, head }) => ({ stream: id, seq: head }))
}

/** Its newest event, and the oldest one that is still kept. */
export async function readBounds(db: Db, id: string): Promise<{ head: number; tail: number }> {
  return db.selectFrom('streams').select(['head', 'tail']).where('id', '=', id).executeTakeFirstOrThrow()
}

/**
 * `seq` of the newest event, which nobody raises until the transaction ends: for rows that say "from here on". Taken right
 * before `append`, of its first stream by id, so that streams are still locked in ascending order.
 */
export async function lockHead(tx: Db, dialect: Pick<Dialect, 'lock'>, id: string): Promise<number> {
  const query = tx.selectFrom('streams').select('head').where('id', '=', id)
  return (await dialect.lock.forUpdate(query).executeTakeFirstOrThrow()).head
}

/** Heads of the streams that grew within the last milliseconds by the database's clock, and of some that grew before. */
export async function listChangedStreams(
  db: Db,
  { nowMs }: Pick<Dialect, 'nowMs'>,
  withinMs: number,
): Promise<StreamHead[]> {
  const rows = await db
    .selectFrom('streams')
    .select(['id', 'head'])
    .where((row) => row('changed_at', '>', row(nowMs, '-', withinMs + markedForMs)))
    .execute()
  return rows.map(({ id, head }) => ({ stream: id, seq: head }))
}

function eventToRow({ stream, seq, type, refs, at }: AppendedEvent): EventsTable {
  return { stream_id: stream, seq, type, refs: JSON.stringify(refs), created_at: at }
}

function rowToEvent(row: EventsTable): AppendedEvent {
  return { stream: row.stream_id, seq: row.seq, type: row.type, refs: JSON.parse(row.refs), at: row.created_at }
}
