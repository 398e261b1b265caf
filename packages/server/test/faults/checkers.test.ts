import { describe, expect, it } from 'vitest'
import { check, type Evidence, type Row, type View } from './harness/checkers.ts'
import { type Heard, History } from './harness/history.ts'

const conversation_id = 'room'
const row = (seq: number, more: Partial<Row> = {}): Row => ({
  id: `id${seq}`,
  conversation_id,
  seq,
  number: seq,
  sender_id: 'ann',
  client_id: `m${seq}`,
  ...more,
})
const view = (messages: Row[], position = 3): View => ({ reader: 'bob', conversation: 'room', position, messages })

/** Three messages, sent one after the other, stored, told and shown as they should be. */
function soundEvidence() {
  const history = new History()
  const rows = [row(1), row(2), row(3)]
  for (const { client_id, sender_id: _, ...ack } of rows) {
    history.sends('ann', client_id, { conversation: 'room', via: 'rest' }).ok({ ...ack, deduplicated: false })
    hear(history, { seq: ack.seq, id: ack.id })
  }
  return { history, rows, heads: new Map([['room', 3]]), views: [view(rows)] } satisfies Evidence
}

/** As all that spoils the history alone, it leaves the rest as it is. */
function hear(history: History, what: Partial<Heard>): Partial<Evidence> {
  const heard: Heard = { connection: 1, via: 'push', conversation: 'room', seq: 1, id: 'id1', ...what }
  history.note('bob', `m${heard.seq}`, { op: 'hear', phase: 'ok', result: heard })
  return {}
}

function resend(history: History, key: string, more: object): Partial<Evidence> {
  const ack = { ...row(1), deduplicated: true, ...more }
  history.sends('ann', key, { conversation: 'room', via: 'rest' }).ok(ack)
  return {}
}

type Sound = ReturnType<typeof soundEvidence>
const cases: [name: string, kind: string, spoil: (evidence: Sound) => Partial<Evidence>][] = [
  ['an acknowledged message is absent', 'lost', ({ rows }) => ({ rows: rows.slice(0, 2) })],
  ['a message is stored elsewhere than acknowledged', 'lost', ({ rows }) => ({ rows: [...rows.slice(0, 2), row(4)] })],
  ['a message is stored twice', 'dup', ({ rows }) => ({ rows: [...rows, row(4, { client_id: 'm1' })] })],
  ['a repeat gets another id', 'dup', ({ history }) => resend(history, 'm1', { id: 'id2' })],
  ['a repeat counts as new', 'dup', ({ history }) => resend(history, 'm1', { deduplicated: false })],
  ['a reader shows one twice', 'dup', ({ rows }) => ({ views: [view([...rows, row(4, { client_id: 'm1' })])] })],
  ['nobody sent what is stored', 'phantom', ({ rows }) => ({ rows: [...rows, row(4)] })],
  [
    'what was refused is stored',
    'phantom',
    ({ history, rows }) => {
      history.sends('ann', 'm4', { conversation: 'room', via: 'rest' }).fail('422')
      return { rows: [...rows, row(4)] }
    },
  ],
  ['numbers have a hole', 'order', ({ rows }) => ({ rows: [...rows.slice(0, 2), row(3, { number: 4 })] })],
  ['the stream has a hole', 'order', () => ({ heads: new Map([['room', 4]]) })],
  ['a reader misses one', 'order', ({ rows }) => ({ views: [view(rows.slice(1))] })],
  ['a reader shows another order', 'order', ({ rows }) => ({ views: [view(rows.toReversed())] })],
  ['a reader has not caught up', 'order', ({ rows }) => ({ views: [view(rows, 2)] })],
  [
    'one overtakes what was acknowledged before it was sent',
    'order',
    ({ history }) => {
      for (const seq of [20, 10]) resend(history, `m${seq}`, { id: `id${seq}`, seq })
      return {}
    },
  ],
  [
    'a place tells another message later',
    'monotonic',
    ({ history }) => hear(history, { id: 'id9', via: 'sync' }) ?? {},
  ],
  [
    'pushes of one connection go back',
    'monotonic',
    ({ history }) => {
      for (const seq of [3, 2]) hear(history, { connection: 2, seq, id: `id${seq}` })
      return {}
    },
  ],
]

describe('the checkers', () => {
  it('find nothing where nothing is wrong, whatever was repeated', () => {
    const evidence = soundEvidence()
    resend(evidence.history, 'm1', {})
    for (const via of ['sync', 'rest', 'push'] as const) hear(evidence.history, { via, connection: 2 })
    evidence.history.sends('ann', 'm5', { conversation: 'room', via: 'rest' }).info('timeout')
    expect(check(evidence)).toEqual([])
  })

  it.each(cases)('find it when %s', (_, kind, spoil) => {
    const evidence = soundEvidence()
    const spoilt = { ...evidence, ...spoil(evidence) }
    expect(check(spoilt).map((violation) => violation.kind)).toContain(kind)
  })
})
