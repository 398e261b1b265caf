import type { Ack, Heard, History, Line } from './history.ts'

/** A message as it lies in the database at the end. */
export interface Row {
  id: string
  conversation_id: string
  seq: number
  number: number
  sender_id: string
  client_id: string
}

/** What one reader shows of one conversation at the end. */
export interface View {
  reader: string
  conversation: string
  position: number
  messages: readonly Pick<Row, 'id' | 'seq' | 'number' | 'client_id'>[]
}

export interface Evidence {
  history: History
  /** Ascending by conversation and seq. */
  rows: readonly Row[]
  /** Heads of the conversations' streams. */
  heads: ReadonlyMap<string, number>
  views: readonly View[]
}

export type Kind = 'lost' | 'dup' | 'phantom' | 'order' | 'monotonic'

export interface Violation {
  kind: Kind
  /** The client_id or conversation it is about. */
  key: string
  what: string
}

export function check(evidence: Evidence): Violation[] {
  return [lost, doubled, phantom, disordered, backwards, changed].flatMap((checker) => [...checker(evidence)])
}

type Sent = Extract<Line, { op: 'send' }>

const sendsOf = ({ history }: Evidence) => history.lines.filter((line) => line.op === 'send')
const heardIn = ({ history }: Evidence) => history.lines.filter((line) => line.op === 'hear')

/** Acknowledged and not there, or there as something else than what was acknowledged. */
function* lost(evidence: Evidence): Generator<Violation> {
  const rows = new Map(evidence.rows.map((row) => [row.id, row]))
  for (const line of sendsOf(evidence)) {
    if (line.phase !== 'ok') continue
    const ack = line.result
    const row = rows.get(ack.id)
    if (!row) yield { kind: 'lost', key: line.key, what: `acknowledged as ${place(ack)} and absent` }
    else if (place(row) !== place(ack) || row.client_id !== line.key)
      yield { kind: 'lost', key: line.key, what: `acknowledged as ${place(ack)}, stored as ${place(row)}` }
  }
}

const place = ({ id, conversation_id, seq, number }: Ack | Row) => `${id} in ${conversation_id} ${seq}/${number}`

/** Two rows for one client_id, two answers to it, or twice on somebody's screen. */
function* doubled(evidence: Evidence): Generator<Violation> {
  for (const rows of Map.groupBy(evidence.rows, (row) => `${row.sender_id} ${row.client_id}`).values()) {
    if (rows.length > 1) yield { kind: 'dup', key: rows[0]?.client_id ?? '', what: `${rows.length} rows` }
  }
  for (const [key, lines] of Map.groupBy(sendsOf(evidence), (line) => line.key)) {
    const acks = lines.flatMap((line) => (line.phase === 'ok' ? [line.result] : []))
    const ids = new Set(acks.map((ack) => ack.id))
    if (ids.size > 1) yield { kind: 'dup', key, what: `acknowledged under ${ids.size} ids` }
    const fresh = acks.filter((ack) => !ack.deduplicated).length
    if (fresh > 1) yield { kind: 'dup', key, what: `acknowledged as new ${fresh} times` }
  }
  for (const { reader, messages } of evidence.views) {
    for (const [key, shown] of Map.groupBy(messages, (message) => message.client_id)) {
      if (shown.length > 1) yield { kind: 'dup', key, what: `${reader} shows it ${shown.length} times` }
    }
  }
}

/** There, though nobody sent it or everybody who did was told that it failed. */
function* phantom(evidence: Evidence): Generator<Violation> {
  const sends = Map.groupBy(sendsOf(evidence), (line) => line.key)
  for (const { client_id } of evidence.rows) {
    const lines = sends.get(client_id)
    const invoked = lines?.filter((line) => line.phase === 'invoke').length
    const failed = lines?.filter((line) => line.phase === 'fail').length
    if (!lines) yield { kind: 'phantom', key: client_id, what: 'nobody sent it' }
    else if (invoked === failed) yield { kind: 'phantom', key: client_id, what: 'refused, and there' }
  }
}

/** Places without holes, the same for everyone, and in the order in which one could know of another. */
function* disordered(evidence: Evidence): Generator<Violation> {
  for (const [conversation, rows] of Map.groupBy(evidence.rows, (row) => row.conversation_id)) {
    const report = (what: string): Violation => ({ kind: 'order', key: conversation, what })
    const numbers = rows.map((row) => row.number)
    if (numbers.some((number, index) => number !== index + 1)) yield report(`numbers are ${numbers}`)
    const seqs = rows.map((row) => row.seq)
    if (seqs.some((seq, index) => seq <= (seqs[index - 1] ?? 0))) yield report(`seqs are ${seqs}`)
    const head = evidence.heads.get(conversation)
    // Only sending writes to these streams, so a head that differs is a hole.
    if (head !== rows.length) yield report(`${rows.length} messages, and the stream's head is ${head}`)

    const truth = shown(rows)
    for (const view of evidence.views.filter((each) => each.conversation === conversation)) {
      if (view.position !== head) yield report(`${view.reader} stands at ${view.position} of ${head}`)
      const seen = shown(view.messages)
      if (seen !== truth) yield report(`${view.reader} shows ${difference(view.messages, rows)}`)
    }
  }
  yield* overtaken(sendsOf(evidence))
}

const shown = (messages: readonly Pick<Row, 'id' | 'seq' | 'number'>[]) =>
  messages.map(({ id, seq, number }) => `${seq}/${number} ${id}`).join('\n')

function difference(messages: readonly Pick<Row, 'seq'>[], rows: readonly Row[]): string {
  const seen = new Set(messages.map((message) => message.seq))
  const missing = rows.filter((row) => !seen.has(row.seq)).map((row) => row.seq)
  return `${messages.length} of ${rows.length} messages; missing ${missing.slice(0, 20).join(' ') || 'none'}`
}

/** Acknowledged before another was sent at all, and yet behind it. */
function* overtaken(sends: readonly Sent[]): Generator<Violation> {
  const seqs = new Map(sends.flatMap((line) => (line.phase === 'ok' ? [[line.key, line.result.seq]] : [])))
  const reached = new Map<string, number>()
  const bound = new Map<string, number>()
  for (const line of sends) {
    if (line.phase === 'invoke' && !bound.has(line.key)) {
      const floor = reached.get(line.result.conversation) ?? 0
      bound.set(line.key, floor)
      const seq = seqs.get(line.key)
      if (seq !== undefined && seq <= floor)
        yield { kind: 'order', key: line.key, what: `has seq ${seq}, sent after ${floor} was acknowledged` }
    } else if (line.phase === 'ok') {
      const { conversation_id, seq } = line.result
      reached.set(conversation_id, Math.max(seq, reached.get(conversation_id) ?? 0))
    }
  }
}

/** What was told once stays told: nobody hears of another message in the same place, or of one that is gone. */
function* changed(evidence: Evidence): Generator<Violation> {
  const placed = new Map(evidence.rows.map((row) => [`${row.conversation_id} ${row.seq}`, row.id]))
  for (const { client, key, result } of heardIn(evidence)) {
    const id = placed.get(`${result.conversation} ${result.seq}`)
    if (id !== result.id)
      yield { kind: 'monotonic', key, what: `${client} heard ${result.id} at ${result.seq}, where ${id} is` }
  }
}

/** Pushes of one connection come in the order of their places. */
function* backwards(evidence: Evidence): Generator<Violation> {
  const last = new Map<string, Heard>()
  for (const { client, key, result } of heardIn(evidence)) {
    if (result.via !== 'push') continue
    const channel = `${client} ${result.connection} ${result.conversation}`
    const before = last.get(channel)
    if (before && result.seq < before.seq)
      yield { kind: 'monotonic', key, what: `${client} heard ${result.seq} after ${before.seq}` }
    last.set(channel, result)
  }
}
