import fc from 'fast-check'
import { TableAccess } from '../src/modules/tables/index.ts'
import { appWithTables, byEngine } from './sample-tables.ts'
import type { TestApp } from './test-app.ts'

export const bool = byEngine({ sqlite: 'boolean', postgres: 'boolean', mariadb: 'boolean' })
const json = byEngine({ sqlite: 'json', postgres: 'jsonb', mariadb: 'json' })
export const schema = [
  'create table owners (id integer not null primary key, name varchar(20), rank integer)',
  `create table cards (
    id integer not null primary key, a integer, b varchar(20), c ${bool}, owner_id integer, tags ${json}, spot ${json},
    foreign key (owner_id) references owners (id))`,
]

export interface Card {
  id: number
  a: number | null
  b: string | null
  c: boolean | null
  owner_id: number | null
  tags: unknown
  spot: unknown
}
export type Owner = { id: number; name: string | null; rank: number | null }
export type Row = Record<string, unknown>
export type Filter = Record<string, unknown>

export const owners: Owner[] = [
  { id: 1, name: 'u1', rank: 1 },
  { id: 2, name: 'u2', rank: null },
  { id: 3, name: null, rank: 3 },
]
export const texts = ['', 'a', 'A', 'ab', 'Ab', 'b', 'é', 'a%', 'u1']
export const numbers = [-1, 0, 1, 2]
export const tags = ['a', 'A', 'a ', '1', 'true', '', 1, 0, 2.5, true, false]
const held = [
  ...[['a', 1, true], ['A', '1', 'true'], [], [['a'], 1], { a: 1 }, 'a', [0, 0, 2.5, false], ['', 'a ', null]],
  ...[1, ['a', 'a', 2.5]],
]
const spotOf = (lon: number, lat: number) => ({ type: 'Point', coordinates: [lon, lat] })
const spots = [
  ...[spotOf(0, 0), spotOf(2, 1), spotOf(179, 1), spotOf(-179, 1), { type: 'Feature' }, spotOf(8, 47), spotOf(5, 3)],
  ...[spotOf(200, 1), [0, 0]],
]
export const pick = <T>(values: readonly T[], seed: number): T => values[seed % values.length] as T
export const cards: Card[] = Array.from({ length: 24 }, (_, index) => ({
  id: index + 1,
  a: index % 5 === 4 ? null : pick(numbers, index * 7 + 3),
  b: index % 6 === 5 ? null : pick(texts, index * 5 + 1),
  c: index % 3 === 2 ? null : index % 2 === 0,
  owner_id: index % 4 === 3 ? null : (index % 3) + 1,
  tags: index % 7 === 6 ? null : pick(held, index),
  spot: index % 8 === 7 ? null : pick(spots, index),
}))

/** The naive evaluator: rows in memory, rules and filters as their words say, nothing shared with the product. */
export const compare = (x: unknown, y: unknown): number => {
  if (typeof x === 'string' && typeof y === 'string') return Buffer.compare(Buffer.from(x), Buffer.from(y))
  return Number(x) - Number(y)
}
export const tests: Record<string, (value: unknown, wanted: never) => boolean> = {
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
  has_any: (value, wanted: unknown[]) => Array.isArray(value) && wanted.some((item) => value.includes(item)),
  has_all: (value, wanted: unknown[]) => Array.isArray(value) && wanted.every((item) => value.includes(item)),
}
/** No circle of these tests ends so near to a point that a sphere would be wrong. */
const kilometres = ([x = 0, y = 0]: number[], [u = 0, v = 0]: number[]): number => {
  const [a, b, turn] = [y, v, x - u].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number]
  const cosine = Math.sin(a) * Math.sin(b) + Math.cos(a) * Math.cos(b) * Math.cos(turn)
  return 6371 * Math.acos(Math.min(1, Math.max(-1, cosine)))
}
/** Of a triangle, its borders too. */
const isInside = ([x = 0, y = 0]: number[], corners: number[][]): boolean => {
  const sides = corners.slice(1).map(([u = 0, v = 0], index) => {
    const [p = 0, q = 0] = corners[index] ?? []
    return Math.sign((u - p) * (y - q) - (x - p) * (v - q))
  })
  return !(sides.includes(1) && sides.includes(-1))
}
const onEarth = (test: (at: number[], wanted: never) => boolean) => (value: unknown, wanted: never) => {
  const { type, coordinates: [x, y] = [] } = value as { type?: string; coordinates?: number[] }
  return type === 'Point' && Math.abs(x ?? 999) <= 180 && test([x, y] as number[], wanted)
}
Object.assign(tests, {
  near: onEarth((at, [lon, lat, radius]: number[]) => kilometres(at, [lon, lat] as number[]) <= (radius ?? 0) / 1000),
  bbox: onEarth(([x = 0, y = 0], [w = 0, s = 0, e = 0, n = 0]: number[]) => {
    return y >= s && y <= n && (w > e ? x >= w || x <= e : x >= w && x <= e)
  }),
  within: onEarth((at, { coordinates }: { coordinates: number[][][] }) => isInside(at, coordinates[0] ?? [])),
})
const places = [
  ...[
    [0, 0, 1000],
    [1, 1, 300_000],
    [180, 0, 300_000],
    [8.01, 47, 5_000],
    [5, 5, 9_000_000],
  ].map((near) => ({ near })),
  ...[
    [0, 0, 5, 3],
    [170, -5, -170, 5],
    [2, 1, 2, 1],
  ].map((bbox) => ({ bbox })),
  ...[
    [
      [0, 0],
      [10, 0],
      [0, 10],
    ],
    [
      [1, 0],
      [9, 48],
      [8, 47],
    ],
  ].map((corners) => ({
    within: { type: 'Polygon', coordinates: [[...corners, corners[0] as number[]]] },
  })),
]

export type Look = { row: Row; owner: (row: Row) => Row | undefined }
export function holds(filter: Filter, look: Look): boolean {
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

export interface Rule {
  actions: ('list' | 'get')[]
  rows?: Filter
  fields?: { read: string[] }
}
export const rawOwner = (row: Row) => owners.find(({ id }) => id === row.owner_id) as Row | undefined
/** What the rules let a caller see of each row. */
export function seen<T extends Row>(rows: readonly T[], rules: readonly Rule[], columns: readonly string[]): Row[] {
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

export const valueFor = {
  a: fc.constantFrom(...numbers),
  b: fc.constantFrom(...texts, '$me'),
  name: fc.constantFrom('u1', 'u2', '$me'),
  rank: fc.constantFrom(1, 2, 3),
}
export const numeric = (values: fc.Arbitrary<number>) =>
  fc.oneof(
    fc.record({ eq: values }),
    fc.record({ neq: values }),
    fc.record({ gt: values }),
    fc.record({ lte: values }),
    fc.record({ in: fc.array(values, { minLength: 1, maxLength: 3 }) }),
    fc.record({ nin: fc.array(values, { minLength: 1, maxLength: 3 }) }),
    fc.record({ null: fc.boolean() }),
  )
export const textual = (values: fc.Arbitrary<string>) => {
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
const someTags = fc.array(fc.constantFrom(...tags), { minLength: 1, maxLength: 3 })
export const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .oneof(fc.record({ has_any: someTags }), fc.record({ has_all: someTags }), fc.record({ null: fc.boolean() }))
    .map((test) => ({ tags: test })),
  fc.constantFrom(...places).map((test) => ({ spot: test })),
  numeric(valueFor.a).map((test) => ({ a: test })),
  textual(valueFor.b).map((test) => ({ b: test })),
  fc
    .oneof(fc.record({ eq: fc.boolean() }), fc.record({ neq: fc.boolean() }), fc.record({ null: fc.boolean() }))
    .map((test) => ({ c: test })),
  numeric(fc.constantFrom(1, 2, 3)).map((test) => ({ owner_id: test })),
  textual(valueFor.name).map((test) => ({ 'owner.name': test })),
  numeric(valueFor.rank).map((test) => ({ 'owner.rank': test })),
)
export const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('filter'), { maxLength: 3 }).map((items) => ({ and: items })),
    fc.array(tie('filter'), { maxLength: 3 }).map((items) => ({ or: items })),
    tie('filter').map((item) => ({ not: item })),
  ),
}))
export const cardColumns = ['id', 'a', 'b', 'c', 'owner_id', 'tags', 'spot']
export const ownerColumns = ['id', 'name', 'rank']
export const ruleOf = (columns: readonly string[], rows: fc.Arbitrary<Filter>): fc.Arbitrary<Rule> =>
  fc.record(
    {
      actions: fc.constant<('list' | 'get')[]>(['list', 'get']),
      rows,
      fields: fc.subarray(columns.slice(1)).map((read) => ({ read: ['id', ...read] })),
    },
    { requiredKeys: ['actions'] },
  )
export const request = fc.record({
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

export const named = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Array.isArray(value)
      ? value.flatMap(named)
      : Object.entries(value).flatMap(([name, item]) => (['and', 'or', 'not'].includes(name) ? named(item) : [name]))

/** An app with these rows in its tables. */
export async function appWithCards(): Promise<TestApp> {
  const app = await appWithTables(schema)
  const { registry, writing } = app.services.tables
  const snapshot = await registry.snapshot()
  const tables = new Map([...snapshot.tables].map(([name, entry]) => [name, { ...entry, settings: { exposed: true } }]))
  const access = new TableAccess({ ...snapshot, tables }, { userId: 'x', roles: [], isFull: true }, new Date())
  await writing.createWith(access, 'owners', owners, { exactAsText: false })
  await writing.createWith(access, 'cards', cards, { exactAsText: false })
  return app
}
