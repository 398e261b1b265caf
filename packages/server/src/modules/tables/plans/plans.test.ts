import { afterAll, beforeAll, expect, it } from 'vitest'
import { appWithTables, byEngine, expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import { TableAccess } from '../index.ts'

const types = byEngine({
  sqlite: {
    double: 'double',
    moment: 'datetime_text',
    other: 'datetime',
    id: 'uuid_text',
    json: 'json_text',
    bytes: 'blob',
  },
  postgres: {
    double: 'double precision',
    ...{ moment: 'timestamptz', other: 'timestamp', id: 'uuid', json: 'jsonb', bytes: 'bytea' },
  },
  mariadb: { double: 'double', moment: 'datetime(6)', other: 'datetime(3)', id: 'uuid', json: 'json', bytes: 'blob' },
})
const columns = [
  'id',
  'whole',
  'money',
  'ratio',
  'yes',
  'words',
  'code',
  'day',
  'clock',
  'moment',
  'other',
  'shape',
  'bytes',
]
const id = '0190a000-0000-7000-8000-00000000000a'
const none = Array(12).fill('null').join()
/** Values as their columns keep them, and what only this engine lets into them. */
const rows = [
  none,
  `0, 0, 0, ${byEngine({ sqlite: '0', postgres: 'false', mariadb: '0' })}, '', '${id}', '2024-02-29', '00:00:00', '2024-02-29 00:00:00', '2024-02-29 00:00:00', '{}', ${byEngine({ sqlite: "x''", postgres: "''", mariadb: "''" })}`,
  `9007199254740993, -1234567.5, 1e300, null, '"\\ / é 🜚 <&> ''', null, '0999-01-01', '23:59:59.120000', '2024-12-31 23:59:59.123400', '2024-12-31 23:59:59.5', '[1.50, "a"]', null`,
  `-42, 12.3, -0.1, null, 'tab\tline\nend\u2028\u007f', null, null, '14:30:00.000001', '1999-01-01 01:02:03.1', null, '"x"', null`,
  ...byEngine({
    sqlite: [
      `'seven', 'much', 'half', 'maybe', 3, 4, 5, 6, 7, 8, 'not json', 'text'`,
      `1.5, 1.005, 1, 2, x'00ff', 1.5, 'soon', 'noon', 'later', 'never', null, 1`,
      `9e18, 0.125, 9e999, 1.5, char(0), '', '', '', '', '', '', ''`,
      `1, -0.001, 1e-7, 0.0, cast(x'ff41' as text), null, null, null, null, null, null, null`,
    ],
    postgres: [
      `null, 'NaN', 'NaN', true, null, null, 'infinity', '24:00:00', 'infinity', '-infinity', null, '\\x00ff'`,
      `null, null, '-Infinity', null, null, null, '0044-03-15 BC', null, '0044-03-15 12:00:00+00 BC', '12024-01-01', null, null`,
    ],
    mariadb: [],
  }),
]

let app: TestApp
let root: Visitor
beforeAll(async () => {
  const { double, moment, other, id: uuid, json, bytes } = types
  app = await appWithTables([
    `create table kinds (id integer not null primary key, whole bigint, money decimal(12,2), ratio ${double},
      yes boolean, words varchar(100), code ${uuid}, day date, clock time${byEngine({ sqlite: '', postgres: '', mariadb: '(6)' })},
      moment ${moment}, other ${other}, shape ${json}, bytes ${bytes})`,
    ...rows.map((values, index) => `insert into kinds (${columns.join()}) values (${index + 1}, ${values})`),
    `create table notes (id integer not null primary key, owner varchar(36), until ${byEngine({ sqlite: 'datetime_text', postgres: 'timestamptz', mariadb: 'datetime(3)' })}, words varchar(50))`,
  ])
  root = await app.holderOf(['admin'])
  await expose(root, 'kinds')
})
afterAll(() => app.drop())

const ids = (answer: { json: { data: { id: number }[] } }) => answer.json.data.map((row) => row.id)

it('T08 W02: a plan answers, byte for byte, what the general way answers', async () => {
  const { registry, reading } = app.services.tables
  const access = async () =>
    new TableAccess(await registry.snapshot(), { userId: id, roles: [], isFull: true }, new Date())
  const list = async (query: object, isExplained: boolean) =>
    reading
      .listWith(await access(), 'kinds', query, { exactAsText: false, isExplained })
      .catch((error: { code: string }) => error.code)
  const get = async (key: string, isExplained: boolean) =>
    reading
      .getWith(await access(), 'kinds', key, { exactAsText: false, isExplained })
      .catch((error: { code: string }) => error.code)
  for (const index of [...rows.keys(), 99]) {
    const one = await get(String(index + 1), false)
    expect(one, rows[index]).toEqual(await get(String(index + 1), true))
    const short = [['id', 'eq', String(index + 1)]]
    for (const fields of ['', ...columns]) {
      const answer = await list({ short, fields }, false)
      expect(answer, `${fields} ${rows[index]}`).toEqual(await list({ short, fields }, true))
    }
  }
  const tests = [
    ...[['whole', 'gte', '-42']],
    ...[
      ['money', 'lt', '100'],
      ['money', 'eq', '12.30'],
      ['ratio', 'neq', '0'],
      ['yes', 'eq', 'false'],
      ['words', 'gt', ''],
    ],
    ...[
      ['code', 'eq', id.toUpperCase()],
      ['day', 'lte', '2024-02-29'],
      ['clock', 'gt', '14:30:00'],
    ],
    ...[
      ['moment', 'gt', '$now(-1d)'],
      ['moment', 'lt', '$now'],
      ['moment', 'eq', '2024-02-29T01:00:00+01:00'],
    ],
    ...[
      ['words', 'eq', '$me'],
      ['words', 'null', 'true'],
      ['words', 'contains', 'é'],
      ['whole', 'in', '0,-42'],
    ],
    ...[
      ['whole', 'eq', 'x'],
      ['nothing', 'eq', '1'],
      ['day', 'eq', '2023-02-29'],
      ['shape', 'eq', '1'],
      ['id', 'almost', '1'],
    ],
  ]
  for (const test of tests) {
    for (const more of [{}, { sort: '-words,whole' }, { sort: 'moment', fields: 'id,moment', limit: 2 }]) {
      const query = { short: [test, ['id', 'gt', '1']], ...more }
      const answer = await list(query, false)
      expect(answer, JSON.stringify(query)).toEqual(await list(query, true))
      const cursor = answer.startsWith('{') ? (JSON.parse(answer).page.next_cursor ?? undefined) : undefined
      if (cursor) expect(await list({ ...query, cursor }, false)).toEqual(await list({ ...query, cursor }, true))
    }
  }
})

it('T02: a filter on the column that pages follow takes no row from them, and leaves none out', async () => {
  const words = ['ab', 'a', 'b', 'aa', 'B', 'é', 'abc', 'ba', '', 'a ']
  const values = Array.from({ length: 30 }, (_, n) => `(${n + 1}, '${words[n % 10]}', ${n % 7}.50)`)
  await runInTables(app, [
    'create table steps (id integer not null primary key, words varchar(20) not null, cost decimal(6,2) not null)',
    'create index steps_words on steps (words, id)',
    `insert into steps (id, words, cost) values ${values.join()}`,
  ])
  await expose(root, 'steps')
  const { registry, reading, source } = app.services.tables
  const list = async (query: object, isExplained: boolean) => {
    const access = new TableAccess(await registry.snapshot(), { userId: id, roles: [], isFull: true }, new Date())
    const answer = await reading.listWith(access, 'steps', query, { exactAsText: false, isExplained })
    return JSON.parse(answer) as { data: { id: number }[]; page: Record<'next_cursor' | 'prev_cursor', string | null> }
  }
  const filters = [
    { id: { gt: 4 } },
    { id: { gte: 4, lte: 20 } },
    { id: { between: [5, 17] }, words: { neq: 'b' } },
    { words: { starts: 'a' } },
    { words: { between: ['a', 'ab'] } },
    { words: { gt: 'a' }, id: { lt: 25 } },
    { cost: { lt: '4.5', gte: '0.5' } },
    { or: [{ id: { gt: 20 } }, { id: { lt: 6 } }] },
  ]
  for (const filter of filters) {
    for (const sort of ['', '-id', 'words,-id', '-cost,words']) {
      const short = Object.entries(filter).flatMap(([name, tests]) =>
        Object.entries(tests).map(([operator, value]) => [name, operator, String(value)]),
      )
      const forms = 'or' in filter ? [{ filter }] : [{ filter }, { short }]
      const all = await list({ filter, sort, limit: 100 }, true)
      for (const form of forms) {
        for (const isExplained of form === forms[0] ? [true, false] : [false]) {
          const seen: number[] = []
          let [cursor, back]: (string | null | undefined)[] = [undefined, undefined]
          do {
            const page = await list({ ...form, sort, limit: 9, ...(cursor ? { cursor } : {}) }, isExplained)
            seen.push(...page.data.map((row) => row.id))
            ;[cursor, back] = [page.page.next_cursor, page.page.prev_cursor]
          } while (cursor)
          const wanted = all.data.map((row) => row.id)
          expect(seen, JSON.stringify({ form, sort })).toEqual(wanted)
          const last = seen.splice(-(seen.length % 9 || 9))
          while (back) {
            const page = await list({ ...form, sort, limit: 9, cursor: back }, isExplained)
            last.unshift(...page.data.map((row) => row.id))
            back = page.page.prev_cursor
          }
          expect(last, JSON.stringify({ form, sort, isExplained })).toEqual(wanted)
        }
      }
    }
  }
  // The place may be of another filter's list, before this one's rows or among them.
  const first = await list({ limit: 10 }, false)
  for (const from of [3, 20]) {
    const short = [['id', 'gt', String(from)]]
    const query = { short, limit: 100, cursor: first.page.next_cursor }
    expect((await list(query, false)).data.map((row) => row.id)).toEqual(
      Array.from({ length: 30 }, (_, n) => n + 1).filter((n) => n > Math.max(10, from)),
    )
  }
  if (byEngine({ sqlite: false, postgres: true, mariadb: true })) return
  const asked = (await source.open()).handle.meter.statements
    .map(({ statement }) => statement)
    .find((text) => text.includes('"steps"') && text.includes('>= max(') && !text.includes('words" collate'))
  // The one bound the index can be given is the tighter of both.
  expect(asked?.match(/(?<!\+)"r0"\."id" [<>]=? /g)).toEqual(['"r0"."id" >= '])
  const plan = await rowsInTables<{ detail: string }>(app, `explain query plan ${asked?.replaceAll('?', '1')}`)
  expect(plan.map(({ detail }) => detail)).toEqual(['SEARCH r0 USING INTEGER PRIMARY KEY (rowid>?)'])
}, 60_000)

it('AZ4 W02: one plan serves all who have the same roles, each with rows of their own and the time it is', async () => {
  const [ann, bob] = [await app.person('ann'), await app.person('bob')]
  const idOf = async (visitor: Visitor) => (await visitor.get('/users/me')).json.id as string
  const [annId, bobId] = [await idOf(ann), await idOf(bob)]
  const rule = { actions: ['list', 'get'], rows: { owner: '$me', until: { gt: '$now' } } }
  await expose(root, 'notes', { rules: { user: rule } })
  await runInTables(app, [
    `insert into notes (id, owner, until, words) values
      (1, '${annId}', '9000-01-01 00:00:00', 'a'), (2, '${bobId}', '9000-01-01 00:00:00', 'b'), (3, '${annId}', '2000-01-01 00:00:00', 'c')`,
  ])
  for (let round = 0; round < 3; round++) {
    expect([ids(await ann.get('/data/notes')), ids(await bob.get('/data/notes'))]).toEqual([[1], [2]])
    expect((await ann.get('/data/notes/1')).status).toBe(200)
    for (const [visitor, key] of [
      [bob, 1],
      [ann, 3],
      [ann, 2],
    ] as const) {
      const refused = await visitor.get(`/data/notes/${key}`)
      expect([refused.status, refused.json.code]).toEqual([404, 'not_found'])
    }
    expect(ids(await bob.get('/data/notes?filter[words]=a'))).toEqual([])
  }
})

it('AZ7: rules that change hold from the next request on', async () => {
  const eve = await app.person('eve')
  const rule = { actions: ['list', 'get'], rows: { id: { gte: 1 } } }
  await expose(root, 'notes', { rules: { user: rule } })
  expect(ids(await eve.get('/data/notes'))).toEqual([1, 2, 3])
  expect((await eve.get('/data/notes/2')).json.words).toBe('b')
  await expose(root, 'notes', { rules: { user: { ...rule, rows: { id: 3 }, fields: { read: ['id'] } } } })
  expect((await eve.get('/data/notes')).json.data).toEqual([{ id: 3 }])
  expect((await eve.get('/data/notes/2')).status).toBe(404)
  await expose(root, 'notes', { rules: {} })
  expect([(await eve.get('/data/notes')).status, (await eve.get('/data/notes/3')).status]).toEqual([404, 404])
})

it('T01 RT4: of new rows that come together each is judged by itself, answered as it is read, and told once', async () => {
  const counted = byEngine({
    sqlite: 'integer primary key autoincrement',
    postgres: 'bigint generated by default as identity primary key',
    mariadb: 'bigint not null auto_increment primary key',
  })
  await runInTables(app, [
    `create table marks (id ${counted}, owner varchar(36) not null, code varchar(20) unique, n integer default 7, yes boolean)`,
  ])
  const rule = { actions: ['list', 'get', 'create'], rows: { owner: '$me', n: { gte: 0 } } }
  await expose(root, 'marks', { realtime: true, rules: { user: rule } })
  const people = await Promise.all(['mia', 'noa'].map(async (name) => app.person(name)))
  const [mia, noa] = await Promise.all(people.map(async (one) => (await one.get('/users/me')).json.id as string))
  const post = async (who: number, row: object) => people[who]?.post('/data/marks', row)
  // One at a time first: what comes then is known to a plan.
  const made = [await post(0, { owner: mia, code: 'first', n: 1, yes: true }), await post(1, { owner: noa })]
  const sent = [
    ...Array.from({ length: 12 }, (_, n) => ({
      who: n % 2,
      row: { owner: n % 2 === 0 ? mia : noa, code: `c${n}`, n },
    })),
    ...Array.from({ length: 4 }, (_, n) => ({ who: 0, row: { owner: mia, code: `y${n}`, n: null, yes: n > 1 } })),
    { who: 1, row: { owner: mia, code: 'foreign', n: 1 } },
    { who: 0, row: { owner: mia, code: 'first', n: 2 } },
    { who: 1, row: { owner: noa, code: 'less', n: -1 } },
    { who: 0, row: { owner: mia, nothing: 1 } },
    { who: 1, row: { owner: noa, n: 'many' } },
  ]
  const answers = await Promise.all(sent.map(({ who, row }) => post(who, row)))
  const wanted = [...Array(12).fill(201), ...Array(4).fill(403), 403, 409, 403, 422, 422]
  expect(answers.map((answer) => answer?.status)).toEqual(wanted)
  made.push(...answers.filter((answer) => answer?.status === 201))
  for (const answer of made) {
    const mine = answer?.json.owner === mia ? people[0] : people[1]
    const read = await mine?.get(`/data/marks/${answer?.json.id}`)
    expect([read?.body, read?.headers.etag]).toEqual([answer?.body, answer?.headers.etag])
    expect(answer?.headers.location).toBe(`/api/v1/data/marks/${answer?.json.id}`)
  }
  const told = await rowsInTables<{ seq: number; refs: string }>(
    app,
    `select seq, refs from _atrium_events where stream_id = 'table:marks' order by seq`,
  )
  const ofEvent = ({ refs }: { refs: string }) => JSON.parse(JSON.parse(refs).key)[0] as string
  expect(told.map(({ seq }) => Number(seq))).toEqual(made.map((_, index) => index + 1))
  expect(told.map(ofEvent).sort()).toEqual(made.map((answer) => String(answer?.json.id)).sort())
  const rows = await rowsInTables(app, 'select id from marks')
  expect(rows).toHaveLength(made.length)
})
