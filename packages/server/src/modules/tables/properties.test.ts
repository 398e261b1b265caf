import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { appWithTables, byEngine, rowsInTables } from '../../../test/sample-tables.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { AppError } from '../../platform/errors.ts'
import { TableAccess, toEntry } from './index.ts'

const bool = byEngine({ sqlite: 'boolean', postgres: 'boolean', mariadb: 'boolean' })
const schema = [
  'create table owners (id integer not null primary key, name varchar(20), rank integer)',
  `create table cards (
    id integer not null primary key, a integer, b varchar(20), c ${bool}, owner_id integer,
    foreign key (owner_id) references owners (id))`,
]

interface Card {
  id: number
  a: number | null
  b: string | null
  c: boolean | null
  owner_id: number | null
}
type Owner = { id: number; name: string | null; rank: number | null }
type Row = Record<string, unknown>
type Filter = Record<string, unknown>

let app: TestApp
const owners: Owner[] = [
  { id: 1, name: 'u1', rank: 1 },
  { id: 2, name: 'u2', rank: null },
  { id: 3, name: null, rank: 3 },
]
const texts = ['', 'a', 'A', 'ab', 'Ab', 'b', 'é', 'a%', 'u1']
const numbers = [-1, 0, 1, 2]
const pick = <T>(values: readonly T[], seed: number): T => values[seed % values.length] as T
const cards: Card[] = Array.from({ length: 24 }, (_, index) => ({
  id: index + 1,
  a: index % 5 === 4 ? null : pick(numbers, index * 7 + 3),
  b: index % 6 === 5 ? null : pick(texts, index * 5 + 1),
  c: index % 3 === 2 ? null : index % 2 === 0,
  owner_id: index % 4 === 3 ? null : (index % 3) + 1,
}))

beforeAll(async () => {
  app = await appWithTables(schema)
  const { registry, writing } = app.services.tables
  const snapshot = await registry.snapshot()
  const tables = new Map([...snapshot.tables].map(([name, entry]) => [name, { ...entry, settings: { exposed: true } }]))
  const access = new TableAccess({ ...snapshot, tables }, { userId: 'x', roles: [], isFull: true }, new Date())
  await writing.createWith(access, 'owners', owners, { exactAsText: false })
  await writing.createWith(access, 'cards', cards, { exactAsText: false })
})
afterAll(() => app.drop())

/** The naive evaluator: rows in memory, rules and filters as their words say, nothing shared with the product. */
const compare = (x: unknown, y: unknown): number => {
  if (typeof x === 'string' && typeof y === 'string') return Buffer.compare(Buffer.from(x), Buffer.from(y))
  return Number(x) - Number(y)
}
const tests: Record<string, (value: unknown, wanted: never) => boolean> = {
  eq: (value, wanted) => value === wanted,
  neq: (value, wanted) => value !== wanted,
  gt: (value, wanted) => compare(value, wanted) > 0,
  lte: (value, wanted) => compare(value, wanted) <= 0,
  in: (value, wanted: unknown[]) => wanted.includes(value),
  nin: (value, wanted: unknown[]) => !wanted.includes(value),
  contains: (value, wanted: string) => String(value).includes(wanted),
  icontains: (value, wanted: string) => String(value).toLowerCase().includes(wanted.toLowerCase()),
  starts: (value, wanted: string) => String(value).startsWith(wanted),
  ends: (value, wanted: string) => String(value).endsWith(wanted),
}
type Look = { row: Row; owner: (row: Row) => Row | undefined }
function holds(filter: Filter, look: Look): boolean {
  return Object.entries(filter).every(([name, value]) => {
    if (name === 'and') return (value as Filter[]).every((item) => holds(item, look))
    if (name === 'or') return (value as Filter[]).some((item) => holds(item, look))
    if (name === 'not') return !holds(value as Filter, look)
    if (name.startsWith('owner.')) {
      const owner = look.owner(look.row)
      return owner !== undefined && holds({ [name.slice(6)]: value }, { ...look, row: owner })
    }
    return Object.entries(value as Row).every(([operator, wanted]) => {
      const given = look.row[name] ?? null
      if (operator === 'null') return (given === null) === wanted
      return given !== null && (tests[operator]?.(given, (wanted === '$me' ? 'u1' : wanted) as never) ?? false)
    })
  })
}

interface Rule {
  actions: ('list' | 'get')[]
  rows?: Filter
  fields?: { read: string[] }
}
const rawOwner = (row: Row) => owners.find(({ id }) => id === row.owner_id) as Row | undefined
/** What the rules let a caller see of each row. */
function seen<T extends Row>(rows: readonly T[], rules: readonly Rule[], columns: readonly string[]): Row[] {
  return rows.flatMap((row) => {
    const open = rules.filter(({ rows: filter }) => !filter || holds(filter, { row, owner: rawOwner }))
    if (open.length === 0) return []
    const shown = columns.filter((name) => rules.some(({ fields }) => !fields || fields.read.includes(name)))
    return [
      Object.fromEntries(
        shown.map((name) => [
          name,
          open.some(({ fields }) => !fields || fields.read.includes(name)) ? (row[name] ?? null) : null,
        ]),
      ),
    ]
  })
}

const valueFor = {
  a: fc.constantFrom(...numbers),
  b: fc.constantFrom(...texts, '$me'),
  name: fc.constantFrom('u1', 'u2', '$me'),
  rank: fc.constantFrom(1, 2, 3),
}
const numeric = (values: fc.Arbitrary<number>) =>
  fc.oneof(
    fc.record({ eq: values }),
    fc.record({ neq: values }),
    fc.record({ gt: values }),
    fc.record({ lte: values }),
    fc.record({ in: fc.array(values, { minLength: 1, maxLength: 3 }) }),
    fc.record({ nin: fc.array(values, { minLength: 1, maxLength: 3 }) }),
    fc.record({ null: fc.boolean() }),
  )
const textual = (values: fc.Arbitrary<string>) => {
  const plain = values.map((text) => (text === '$me' ? 'u1' : text))
  return fc.oneof(
    fc.record({ eq: values }),
    fc.record({ neq: values }),
    fc.record({ gt: plain }),
    fc.record({ lte: plain }),
    fc.record({ in: fc.array(plain, { minLength: 1, maxLength: 3 }) }),
    fc.record({ contains: plain }),
    fc.record({ icontains: plain }),
    fc.record({ starts: plain }),
    fc.record({ ends: plain }),
    fc.record({ null: fc.boolean() }),
  )
}
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  numeric(valueFor.a).map((test) => ({ a: test })),
  textual(valueFor.b).map((test) => ({ b: test })),
  fc
    .oneof(fc.record({ eq: fc.boolean() }), fc.record({ neq: fc.boolean() }), fc.record({ null: fc.boolean() }))
    .map((test) => ({ c: test })),
  numeric(fc.constantFrom(1, 2, 3)).map((test) => ({ owner_id: test })),
  textual(valueFor.name).map((test) => ({ 'owner.name': test })),
  numeric(valueFor.rank).map((test) => ({ 'owner.rank': test })),
)
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('filter'), { maxLength: 3 }).map((items) => ({ and: items })),
    fc.array(tie('filter'), { maxLength: 3 }).map((items) => ({ or: items })),
    tie('filter').map((item) => ({ not: item })),
  ),
}))
const cardColumns = ['id', 'a', 'b', 'c', 'owner_id']
const ownerColumns = ['id', 'name', 'rank']
const ruleOf = (columns: readonly string[], rows: fc.Arbitrary<Filter>): fc.Arbitrary<Rule> =>
  fc.record(
    {
      actions: fc.constant<('list' | 'get')[]>(['list', 'get']),
      rows,
      fields: fc.subarray(columns.slice(1)).map((read) => ({ read: ['id', ...read] })),
    },
    { requiredKeys: ['actions'] },
  )
const request = fc.record({
  filter,
  sort: fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'owner_id'), { maxLength: 2 })
    .chain((names) =>
      fc
        .tuple(...names.map((name) => fc.boolean().map((down) => (down ? `-${name}` : name))))
        .map((list) => list.join(',')),
    ),
  expand: fc.constantFrom(undefined, 'owner'),
})

const named = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Array.isArray(value)
      ? value.flatMap(named)
      : Object.entries(value).flatMap(([name, item]) => (['and', 'or', 'not'].includes(name) ? named(item) : [name]))

it('AZ4 W02: random rules, rows and requests are answered as a naive reader of them would', async () => {
  const { registry, reading, aggregates } = app.services.tables
  const snapshot = await registry.snapshot()
  let answered = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleOf(cardColumns, filter), { minLength: 1, maxLength: 3 }),
      fc.array(
        ruleOf(
          ownerColumns,
          numeric(valueFor.rank).map((test) => ({ rank: test })),
        ),
        { minLength: 1, maxLength: 2 },
      ),
      request,
      async (cardRules, ownerRules, { filter: asked, sort, expand }) => {
        const set = (name: string, rules: readonly Rule[]) => {
          const entry = snapshot.tables.get(name)
          if (!entry) throw new Error(name)
          const byRole = Object.fromEntries(rules.map((rule, index) => [`r${index}`, rule]))
          return [name, toEntry(snapshot.tables, entry.table, { exposed: true, rules: byRole })] as const
        }
        const tables = new Map([set('cards', cardRules), set('owners', ownerRules)])
        const access = new TableAccess(
          { ...snapshot, tables },
          { userId: 'u1', roles: ['r0', 'r1', 'r2'], isFull: false },
          new Date(),
        )
        const visible = seen(cards as unknown as Row[], cardRules, cardColumns)
        const visibleOwners = seen(owners as unknown as Row[], ownerRules, ownerColumns)
        const owner = (row: Row) => visibleOwners.find(({ id }) => id === row.owner_id)
        const cardNames = cardColumns.filter((name) =>
          cardRules.some(({ fields }) => !fields || fields.read.includes(name)),
        )
        const ownerNames = ownerColumns.filter((name) =>
          ownerRules.some(({ fields }) => !fields || fields.read.includes(name)),
        )
        const known = new Set([
          ...cardNames,
          ...(cardNames.includes('owner_id') ? ownerNames.map((name) => `owner.${name}`) : []),
        ])
        const isKnown =
          named(asked).every((name) => known.has(name)) &&
          sort.split(',').every((name) => name === '' || known.has(name.replace('-', ''))) &&
          (expand === undefined || cardNames.includes('owner_id'))
        const query = { filter: asked, sort, expand, limit: 100, count: 'exact' as const }
        if (!isKnown) {
          const refused = await reading
            .listWith(access, 'cards', query, { exactAsText: false })
            .catch((error: unknown) => error)
          expect(refused instanceof AppError && refused.code).toBe('bad_filter')
          return
        }
        answered++
        const order = [...sort.split(',').filter(Boolean), 'id']
        const expected = visible
          .filter((row) => holds(asked, { row, owner }))
          .sort((x, y) => {
            for (const term of order) {
              const name = term.replace('-', '')
              const [left = null, right = null] = [x[name], y[name]]
              if (left === right) continue
              if (left === null || right === null) return left === null ? 1 : -1
              return compare(left, right) * (term.startsWith('-') ? -1 : 1)
            }
            return 0
          })
          .map((row) => (expand ? { ...row, owner: owner(row) ?? null } : row))
        const answer = JSON.parse(await reading.listWith(access, 'cards', query, { exactAsText: false }))
        expect(answer.data).toEqual(expected)
        expect(answer.page.total).toBe(expected.length)
        const counted = JSON.parse(
          await aggregates.aggregateWith(access, 'cards', { filter: JSON.stringify(asked), metrics: 'count' }, false),
        )
        expect(counted.data).toEqual([{ count: expected.length }])
        const id = String(pick(cards, answered).id)
        const one = await reading
          .getWith(access, 'cards', id, { exactAsText: false })
          .catch((error: AppError) => error.code)
        const row = visible.find((item) => String(item.id) === id)
        expect(typeof one === 'string' ? one : JSON.parse(one.json)).toEqual(row ?? 'not_found')
      },
    ),
    { numRuns: 150 },
  )
  expect(answered).toBeGreaterThan(20)
  expect(await rowsInTables(app, 'select id from cards')).toHaveLength(24)
})
