import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { appWithTables, expose, rowsInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let writers: [Visitor, Visitor]
beforeAll(async () => {
  app = await appWithTables([
    'create table sheets (id integer not null primary key, a integer, b varchar(40), n integer not null)',
  ])
  const root = await app.holderOf(['admin'])
  const actions = ['list', 'get', 'create', 'update', 'delete']
  await expose(root, 'sheets', { realtime: true, revisions: true, rules: { user: { actions } } })
  writers = [await app.person('ann'), await app.person('ben')]
})
afterAll(() => app.drop())

interface Row {
  id: number
  a: number | null
  b: string | null
  n: number
}
type Fields = Partial<Omit<Row, 'id'>>
type Rows = ReadonlyMap<number, Row>

/** All but `inc` go by what their writer has seen: none of them may undo what came in between. */
type Op =
  | { kind: 'get' | 'delete'; id: number }
  | { kind: 'patch' | 'put' | 'upsert' | 'found'; id: number; set: Required<Fields>; only: readonly (keyof Fields)[] }
  | { kind: 'inc'; id: number; by: number }
  | { kind: 'batch'; ops: readonly Op[] }

interface Seen {
  row: Row
  etag: string
}

/** What a request is answered, as far as it matters who was first. */
interface Outcome {
  status: number
  conflicts?: unknown
  affected?: number
  index?: number
  problem?: Outcome
}

const ids = [1, 2, 3]
const initial: readonly Row[] = ids.map((id) => ({ id, a: id, b: 'old', n: 0 }))

const written = {
  id: fc.constantFrom(...ids),
  set: fc.record({ a: fc.constantFrom(null, 1, 2), b: fc.constantFrom(null, 'x', 'y'), n: fc.constantFrom(0, 7) }),
  only: fc.subarray<keyof Fields>(['a', 'b', 'n'], { minLength: 1 }),
}
const kinds = ['patch', 'patch', 'put', 'upsert', 'found'] as const
const single: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('get' as const), id: fc.constantFrom(...ids) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('delete' as const), id: fc.constantFrom(...ids) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom(...kinds), ...written }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('inc' as const), id: fc.constantFrom(...ids), by: fc.constantFrom(1, 5) }),
  },
)
const inBatch: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), id: fc.constantFrom(...ids) }),
  fc.record({ kind: fc.constantFrom('patch' as const, 'upsert' as const), ...written }),
)
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: single },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      ops: fc.uniqueArray(inBatch, {
        minLength: 2,
        maxLength: 3,
        selector: (one) => (one.kind === 'batch' ? 0 : one.id),
      }),
    }),
  },
)
type Step = { by: 0 | 1; op: Op } | { both: [Op, Op] }
/** One of them alone, or both at once. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ by: fc.constantFrom(0 as const, 1 as const), op }) },
  { weight: 1, arbitrary: fc.record({ both: fc.tuple(op, op) }) },
)

const changed = { a: 2, b: 'x', n: 7 }
/** What has to be among the interleavings, whatever chance brings: one that is told of a conflict. */
const conflict: Step[] = [
  { by: 0, op: { kind: 'get', id: 1 } },
  { by: 1, op: { kind: 'get', id: 1 } },
  { by: 0, op: { kind: 'patch', id: 1, set: changed, only: ['a'] } },
  { by: 1, op: { kind: 'patch', id: 1, set: { ...changed, a: null }, only: ['a'] } },
  { by: 1, op: { kind: 'inc', id: 1, by: 5 } },
]

const pick = (set: Required<Fields>, only: readonly (keyof Fields)[]): Fields =>
  Object.fromEntries(only.map((name) => [name, set[name]]))

function bodyOf(one: Op): Fields {
  if (!('set' in one)) return {}
  return one.kind === 'patch' || one.kind === 'found' ? pick(one.set, one.only) : one.set
}

/** What one request, made after all that was seen, is answered and does. */
function model(rows: Rows, seen: Rows, one: Op): { outcome: Outcome; rows: Rows } {
  const keep = (outcome: Outcome) => ({ outcome, rows })
  const become = (outcome: Outcome, id: number, row: Row | undefined) => {
    const next = new Map(rows)
    if (row) next.set(id, row)
    else next.delete(id)
    return { outcome, rows: next }
  }
  if (one.kind === 'batch') {
    let now = rows
    for (const [index, part] of one.ops.entries()) {
      const done = model(now, seen, part)
      if (done.outcome.status >= 400) return keep({ status: 409, index, problem: done.outcome })
      now = done.rows
    }
    return { outcome: { status: 200 }, rows: now }
  }
  const row = rows.get(one.id)
  const base = seen.get(one.id)
  if (one.kind === 'inc') {
    return row ? become({ status: 200 }, one.id, { ...row, n: row.n + one.by }) : keep({ status: 404 })
  }
  if (one.kind === 'upsert' && !base) {
    return row ? keep({ status: 409 }) : become({ status: 201 }, one.id, { id: one.id, ...one.set })
  }
  if (one.kind === 'get' || !base) return keep({ status: row ? 200 : 404 })
  if (one.kind === 'found') {
    const isFound = row !== undefined && row.a === base.a
    if (!isFound) return keep({ status: 200, affected: 0 })
    return become({ status: 200, affected: 1 }, one.id, { ...row, ...bodyOf(one) })
  }
  if (!row) return keep(one.kind === 'upsert' ? { status: 412, conflicts: [] } : { status: 404 })
  const body = bodyOf(one)
  if (JSON.stringify(row) === JSON.stringify(base)) {
    if (one.kind === 'delete') return become({ status: 204 }, one.id, undefined)
    return become({ status: 200 }, one.id, { ...row, ...body })
  }
  const conflicts = (Object.keys(body) as (keyof Fields)[])
    .filter((name) => body[name] !== row[name])
    .map((field) => ({ field, base: base[field], yours: body[field], theirs: row[field] }))
  return keep({ status: 412, conflicts })
}

function requestOf(one: Exclude<Op, { kind: 'batch' }>, seen: ReadonlyMap<number, Seen>) {
  const path = `/data/sheets/${one.id}`
  const held = seen.get(one.id)
  const headers: Record<string, string> = held ? { 'if-match': held.etag } : {}
  if (one.kind === 'inc') return { method: 'PATCH' as const, path, body: { n: { $inc: one.by } }, headers: {} }
  if (one.kind === 'upsert') {
    const to = held ? '/data/sheets?on_conflict=id' : '/data/sheets'
    return { method: 'POST' as const, path: to, body: { id: one.id, ...one.set }, headers }
  }
  if (one.kind === 'get' || !held) return { method: 'GET' as const, path, headers: {} }
  if (one.kind === 'delete') return { method: 'DELETE' as const, path, headers }
  if (one.kind === 'found') {
    const filter = JSON.stringify({ id: one.id, a: held.row.a === null ? { null: true } : held.row.a })
    const to = `/data/sheets?filter=${encodeURIComponent(filter)}`
    return { method: 'PATCH' as const, path: to, body: bodyOf(one), headers: { prefer: 'max-affected=1' } }
  }
  return { method: one.kind === 'put' ? ('PUT' as const) : ('PATCH' as const), path, body: bodyOf(one), headers }
}

/**
 * What a batch does where another request comes at the same time. It keeps the rows that it writes for itself; one that it
 * only reads is what it was at that moment, and may be another's before the batch is over.
 */
function writing(one: Op, seen: Rows): Op {
  if (one.kind !== 'batch') return one
  return { kind: 'batch', ops: one.ops.filter((part) => part.kind === 'upsert' || ('id' in part && seen.has(part.id))) }
}

const outcomeOf = (status: number, json: Record<string, unknown> | null): Outcome => ({
  status,
  ...(status === 412 ? { conflicts: json?.conflicts } : {}),
  ...(json?.affected === undefined ? {} : { affected: Number(json.affected) }),
})

/** Sends it, notes what is seen by the answer, and tells how it ended. */
async function send(who: Visitor, seen: Map<number, Seen>, one: Op): Promise<Outcome> {
  const note = (part: Op, { status, json, etag }: { status: number; json: object | null; etag: unknown }) => {
    if (part.kind === 'batch' || part.kind === 'inc' || status >= 300) return
    if (status === 204) seen.delete(part.id)
    else if (json && 'id' in json) seen.set(part.id, { row: json as Row, etag: String(etag) })
  }
  if (one.kind !== 'batch') {
    const { method, path, body, headers } = requestOf(one, seen)
    const answer = await who.send(method, path, body, headers)
    const json = answer.body === '' ? null : answer.json
    note(one, { status: answer.status, json, etag: answer.headers.etag })
    return outcomeOf(answer.status, json)
  }
  const requests = one.ops.map((part, index) => ({
    id: String(index),
    ...requestOf(part as Exclude<Op, { kind: 'batch' }>, seen),
  }))
  const { status, json } = await who.post('/batch', { requests })
  if (status === 200) {
    for (const [index, part] of one.ops.entries()) {
      const { status: own, body, headers } = json.responses[index]
      note(part, { status: own, json: body, etag: headers.etag })
    }
    return { status }
  }
  return { status, index: json.index, problem: outcomeOf(json.problem.status, json.problem) }
}

const sorted = (rows: Rows): Row[] => [...rows.values()].sort((a, b) => a.id - b.id)

const stored = async (): Promise<Row[]> => {
  const rows = await rowsInTables<Row>(app, 'select id, a, b, n from sheets order by id')
  return rows.map((row) => ({ ...row }))
}

it('W11: two writers, in any interleaving and at once, never overwrite what they have not seen, and are told field by field', async () => {
  const statuses = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      for (const name of ['sheets', '_atrium_revisions', '_atrium_events'])
        await rowsInTables(app, `delete from ${name}`)
      await rowsInTables(
        app,
        `insert into sheets values ${initial.map(({ id }) => `(${id}, ${id}, 'old', 0)`).join(',')}`,
      )
      let rows: Rows = new Map(initial.map((row) => [row.id, row]))
      const seen = [new Map<number, Seen>(), new Map<number, Seen>()] as const
      const rowsSeenBy = (by: 0 | 1) => new Map([...seen[by]].map(([id, { row }]) => [id, row]))
      for (const each of steps) {
        if ('op' in each) {
          const { by } = each
          const expected = model(rows, rowsSeenBy(by), each.op)
          const outcome = await send(writers[by], seen[by], each.op)
          expect([each.op, outcome]).toEqual([each.op, expected.outcome])
          rows = expected.rows
          statuses.add(`${each.op.kind} ${outcome.status}`)
        } else {
          const [a, b] = [rowsSeenBy(0), rowsSeenBy(1)]
          const [first, second] = [writing(each.both[0], a), writing(each.both[1], b)]
          if ([first, second].some((one) => one.kind === 'batch' && one.ops.length === 0)) continue
          const there = model(rows, a, first)
          const thereThen = model(there.rows, b, second)
          const back = model(rows, b, second)
          const backThen = model(back.rows, a, first)
          const outcomes = await Promise.all([send(writers[0], seen[0], first), send(writers[1], seen[1], second)])
          const happened = JSON.stringify([...outcomes, await stored()])
          const orders = [
            { outcomes: [there.outcome, thereThen.outcome], rows: thereThen.rows },
            { outcomes: [backThen.outcome, back.outcome], rows: backThen.rows },
          ]
          const asOneAfterTheOther = orders.map((one) => JSON.stringify([...one.outcomes, sorted(one.rows)]))
          expect(asOneAfterTheOther).toContain(happened)
          rows = orders[asOneAfterTheOther.indexOf(happened)]?.rows ?? rows
          statuses.add(`both ${outcomes.map(({ status }) => status).join()}`)
        }
        expect(await stored()).toEqual(sorted(rows))
      }
    }),
    { numRuns: 30, examples: [[conflict]] },
  )
  expect([...statuses]).toEqual(expect.arrayContaining(['patch 412', 'patch 200', 'inc 200']))
}, 120_000)
