import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../../../test/live-client.ts'
import { appWithTables, byEngine, expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let name: string
let made = 0
beforeAll(async () => {
  app = await appWithTables([], { PORT: '0' })
  await app.listen()
  root = await app.holderOf(['admin'])
})
afterAll(() => app.drop())
beforeEach(() => {
  name = `parts${++made}`
})

const make = async (columns: object[], rows: object[], settings: object = {}) => {
  await root.post('/admin/data/tables', { name, columns })
  await expose(root, name, settings)
  const filled = await root.post(`/data/${name}`, rows)
  expect([rows, filled.status, filled.json.errors]).toEqual([rows, 201, undefined])
}
const at = (column: string, query = '') => `/admin/data/tables/${name}/columns/${column}${query}`
const values = async (column: string) =>
  (await root.get(`/data/${name}?sort=id&limit=100`)).json.data.map((row: Record<string, unknown>) => row[column])
const outcome = ({ status, json }: Answer) => [status, json?.code]
const column = (answer: Answer, wanted: string) =>
  answer.json.columns.find((item: { name: string }) => item.name === wanted)

describe('T08: a column becomes one of another type', () => {
  it('T08: each value is the same in the new type, on every engine', async () => {
    const cases: [object, unknown[], object, unknown[]][] = [
      [{ type: 'text', length: 20 }, ['1', '-20', null, '3.0'], { type: 'integer' }, [1, -20, null, 3]],
      [{ type: 'text' }, ['1.50', '2'], { type: 'decimal', precision: 8, scale: 2 }, [1.5, 2]],
      [{ type: 'text' }, ['0.1', '250'], { type: 'number' }, [0.1, 250]],
      [{ type: 'text' }, ['true', 'FALSE', '1', '0'], { type: 'boolean' }, [true, false, true, false]],
      [{ type: 'text' }, ['2026-11-21'], { type: 'date' }, ['2026-11-21']],
      [
        { type: 'text' },
        ['2026-11-21 14:30', '2026-11-21T14:30:00+02:00'],
        { type: 'datetime' },
        ['2026-11-21T14:30:00.000Z', '2026-11-21T12:30:00.000Z'],
      ],
      [{ type: 'text' }, ['14:30:00.25'], { type: 'time' }, ['14:30:00.25']],
      [{ type: 'text' }, ['{"a": [1, "x y"]}'], { type: 'json' }, [{ a: [1, 'x y'] }]],
      [{ type: 'text' }, ['AAH/'], { type: 'binary' }, ['AAH/']],
      [
        { type: 'text' },
        ['3F2504E0-4F89-11D3-9A0C-0305E82C3301'],
        { type: 'uuid' },
        ['3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
      ],
      [
        { type: 'integer' },
        [7, '9007199254740993', null],
        { type: 'text', length: 30 },
        ['7', '9007199254740993', null],
      ],
      [{ type: 'integer' }, [0, 1], { type: 'boolean' }, [false, true]],
      [{ type: 'integer' }, [12], { type: 'decimal', precision: 4, scale: 1 }, [12]],
      [{ type: 'decimal', precision: 8, scale: 2 }, ['5.00', '-7'], { type: 'integer' }, [5, -7]],
      [{ type: 'decimal', precision: 8, scale: 2 }, ['5.50'], { type: 'text' }, ['5.50']],
      [{ type: 'decimal', precision: 8, scale: 2 }, ['5.50'], { type: 'decimal', precision: 6, scale: 1 }, [5.5]],
      [{ type: 'number' }, [1, 0.5, 1e15], { type: 'text' }, ['1', '0.5', '1000000000000000']],
      [{ type: 'boolean' }, [true, false], { type: 'integer' }, [1, 0]],
      [{ type: 'boolean' }, [true, false], { type: 'text' }, ['true', 'false']],
      [{ type: 'date' }, ['2026-11-21'], { type: 'datetime' }, ['2026-11-21T00:00:00.000Z']],
      [{ type: 'datetime' }, ['2026-11-21T00:00:00Z'], { type: 'date' }, ['2026-11-21']],
      [{ type: 'json' }, [{ a: [1, 'x  y'] }], { type: 'text' }, ['{"a":[1,"x  y"]}']],
      [{ type: 'binary' }, ['AAH/'], { type: 'text' }, ['AAH/']],
      [{ type: 'text', length: 30 }, ['naïve 🎈'], { type: 'text', length: 7 }, ['naïve 🎈']],
    ]
    for (const [index, [from, before, to, after]] of cases.entries()) {
      name = `case${made}_${index}`
      await make(
        [
          { name: 'x', ...from },
          { name: 'y', type: 'text' },
        ],
        before.map((x) => ({ x, y: 'kept' })),
      )
      expect(await values('x')).toHaveLength(before.length)
      const answer = await root.patch(at('x'), to)
      expect([from, to, answer.status, answer.json.detail]).toEqual([from, to, 200, undefined])
      expect([from, to, await values('x')]).toEqual([from, to, after])
      expect(answer.json.columns.map(({ name: each }: { name: string }) => each)).toEqual(['id', 'x', 'y'])
      expect(column(answer, 'x')).toMatchObject({ type: (to as { type: string }).type, nullable: true })
      expect(answer.json.unfit).toEqual({ count: 0, keys: [] })
    }
  })

  it('T08: nothing is rounded and nothing cut off: what would not fit is named, and nothing is changed', async () => {
    const cases: [object, unknown[], object][] = [
      [{ type: 'decimal', precision: 8, scale: 2 }, ['1.25'], { type: 'decimal', precision: 8, scale: 1 }],
      [{ type: 'decimal', precision: 8, scale: 2 }, ['1.25'], { type: 'integer' }],
      [{ type: 'decimal', precision: 8, scale: 2 }, ['1234.25'], { type: 'decimal', precision: 5, scale: 2 }],
      [{ type: 'number' }, [0.5, '1e20'], { type: 'integer' }],
      [{ type: 'integer' }, ['9007199254740993'], { type: 'number' }],
      [{ type: 'integer' }, [2], { type: 'boolean' }],
      [{ type: 'text' }, ['abcdef'], { type: 'text', length: 5 }],
      [{ type: 'text' }, ['007', '', ' 1', 'x', '1e3'], { type: 'integer' }],
      [{ type: 'text' }, ['0.1234567890123456789'], { type: 'number' }],
      [{ type: 'text' }, ['2026-02-30', 'soon'], { type: 'date' }],
      [{ type: 'text' }, ['2026-11-21T14:30:00.1234Z'], { type: 'datetime' }],
      [{ type: 'datetime' }, ['2026-11-21T14:30:00Z'], { type: 'date' }],
      [{ type: 'text' }, ['{'], { type: 'json' }],
    ]
    for (const [index, [from, before, to]] of cases.entries()) {
      name = `tight${made}_${index}`
      await make([{ name: 'x', ...from }], [...before.map((x) => ({ x })), { x: null }])
      const [was, described] = [await values('x'), (await root.get(`/admin/data/tables/${name}`)).json]
      const unfit = { count: before.length, keys: before.slice(0, 5).map((_, at) => String(at + 1)) }
      const tried = await root.patch(at('x', '?dry_run=true'), to)
      expect([from, to, tried.status, tried.json.unfit]).toEqual([from, to, 200, unfit])
      const refused = await root.patch(at('x'), to)
      expect([from, to, ...outcome(refused), refused.json.unfit]).toEqual([from, to, 409, 'state_conflict', unfit])
      expect(await values('x')).toEqual(was)
      expect((await root.get(`/admin/data/tables/${name}`)).json).toEqual(described)
      const lost = await root.patch(at('x'), { ...to, unfit: 'null' })
      expect([from, to, lost.status, lost.json.unfit]).toEqual([from, to, 200, unfit])
      expect(await values('x')).toEqual(was.map(() => null))
    }
  })

  it('T08: what fits stays where what does not becomes null, but only where null is allowed', async () => {
    await make([{ name: 'x', type: 'text', nullable: false }], [{ x: '1' }, { x: 'two' }, { x: '3' }])
    expect(outcome(await root.patch(at('x'), { type: 'integer', unfit: 'null' }))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.patch(at('x'), { type: 'integer' }))).toEqual([409, 'state_conflict'])
    const changed = await root.patch(at('x'), { type: 'integer', unfit: 'null', nullable: true, name: 'n' })
    expect([changed.status, changed.json.unfit]).toEqual([200, { count: 1, keys: ['2'] }])
    expect(await values('n')).toEqual([1, null, 3])
    const [event] = (await root.get('/admin/audit?event_type=system_config_changed&limit=2')).json.data.slice(1)
    expect(event.detail).toMatchObject({ changed: 'x', type: 'integer', unfit: 'null' })
    expect(outcome(await root.patch(at('n'), { type: 'text', nullable: false }))).toEqual([409, 'state_conflict'])
    expect(await values('n')).toEqual([1, null, 3])
  })

  it('T08: of a unique column no two values become one', async () => {
    await make([{ name: 'x', type: 'text', length: 10, unique: true }], [{ x: '1' }, { x: '1.0' }, { x: '2' }])
    const refused = await root.patch(at('x'), { type: 'integer' })
    expect([refused.status, refused.json.unfit]).toEqual([409, { count: 1, keys: ['2'] }])
    expect((await root.patch(at('x'), { type: 'integer', unfit: 'null' })).status).toBe(200)
    expect(await values('x')).toEqual([1, null, 2])
    expect(outcome(await root.post(`/data/${name}`, { x: 2 }))).toEqual([409, 'already_exists'])
    expect(outcome(await root.patch(at('x'), { type: 'text' }))).toEqual([422, 'validation_failed'])
  })

  it('T08: defaults, indexes, conditions, foreign keys and the counter are what they were', async () => {
    const auto = byEngine({
      sqlite: 'integer primary key autoincrement',
      postgres: 'bigint generated by default as identity primary key',
      mariadb: 'bigint not null auto_increment primary key',
    })
    const upper = `${name}_upper`
    const lower = `${name}_lower`
    await runInTables(app, [
      `create table ${upper} (id integer not null primary key)`,
      `create table ${name} (
        id ${auto},
        up integer,
        -- a comment, with (brackets
        x varchar(20) not null default '5' check (length(x) < 6),
        y integer default 7, z varchar(10) default 'a, (b' unique, at timestamp null,
        foreign key (up) references ${upper} (id), constraint ${name}_both unique (y, x), check (y > 0)
      )`,
      `create index ${name}_by_x on ${name} (x, y)`,
      `create table ${lower} (id integer not null primary key, part ${byEngine({ sqlite: 'integer', postgres: 'bigint', mariadb: 'bigint' })} not null,
        foreign key (part) references ${name} (id) on delete cascade)`,
      `insert into ${upper} values (1)`,
      `insert into ${name} (up, x, y, z) values (1, '12', 1, 'b'), (null, '14', 1, 'c'), (null, '15', 1, 'd')`,
      `delete from ${name} where x = '15'`,
      `insert into ${lower} values (1, 1), (2, 2)`,
    ])
    for (const table of [upper, name, lower]) await expose(root, table)
    const answer = await root.patch(at('x'), { type: 'decimal', precision: 8, scale: 1 })
    expect([answer.status, answer.json.detail]).toEqual([200, undefined])
    expect(answer.json.columns.map((each: { name: string }) => each.name)).toEqual(['id', 'up', 'x', 'y', 'z', 'at'])
    expect(answer.json.uniques.map((each: string[]) => each.join()).sort()).toEqual(['y,x', 'z'])
    expect((await root.get(`/data/${lower}`)).json.data).toHaveLength(2)
    const fresh = await root.post(`/data/${name}`, {})
    expect(fresh.json).toMatchObject({ id: 4, x: 5, y: 7, z: 'a, (b', up: null })
    expect(outcome(await root.post(`/data/${name}`, { z: 'q' }))).toEqual([409, 'already_exists'])
    expect(outcome(await root.post(`/data/${name}`, { x: 123456, z: 'r' }))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.post(`/data/${name}`, { x: 1, y: 0, z: 's' }))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.patch(`/data/${name}/1`, { up: 9 }))).toEqual([409, 'foreign_key_conflict'])
    expect(outcome(await root.post(`/data/${lower}`, { id: 3, part: 99 }))).toEqual([409, 'foreign_key_conflict'])
    expect((await root.delete(`/data/${name}/2`)).status).toBe(204)
    expect((await root.get(`/data/${lower}`)).json.data).toHaveLength(1)
    const indexes = await rowsInTables<{ name: string }>(
      app,
      byEngine({
        sqlite: `select name from sqlite_schema where type = 'index' and tbl_name = '${name}' and name = '${name}_by_x'`,
        postgres: `select indexname as name from pg_indexes where tablename = '${name}' and indexname = '${name}_by_x'`,
        mariadb: `select index_name as name from information_schema.statistics where table_schema = database() and table_name = '${name}' and index_name = '${name}_by_x' and column_name = 'x'`,
      }),
    )
    expect(indexes).toHaveLength(1)
  })

  it('T08: what is in the way is said', async () => {
    const columns = [
      { name: 'x', type: 'text', default: 'none' },
      { name: 'up', type: 'integer', references: { table: name } },
      { name: 'n', type: 'integer' },
    ]
    await root.post('/admin/data/tables', { name, columns: columns.filter((each) => each.name !== 'up') })
    await root.post(`/admin/data/tables/${name}/columns`, columns[1])
    await expose(root, name, { rules: { user: { actions: ['list'], rows: { n: { gt: 1 } }, presets: { n: 5 } } } })
    const cases: [string, object, number, string][] = [
      ['id', { type: 'text', length: 20 }, 409, 'state_conflict'],
      ['up', { type: 'text', length: 20 }, 409, 'state_conflict'],
      ['x', { type: 'integer' }, 422, 'validation_failed'],
      ['x', { type: 'integer', default: 'y' }, 422, 'validation_failed'],
      ['x', { type: 'decimal', precision: 2, scale: 3, default: null }, 422, 'validation_failed'],
      ['x', { length: 20 }, 422, 'validation_failed'],
      ['x', { type: 'blob' }, 422, 'validation_failed'],
      ['n', { type: 'date' }, 422, 'validation_failed'],
      ['n', { type: 'boolean' }, 409, 'state_conflict'],
    ]
    for (const [item, body, status, code] of cases) {
      for (const query of ['', '?dry_run=true']) {
        expect([item, body, ...outcome(await root.patch(at(item, query), body))]).toEqual([item, body, status, code])
      }
    }
    expect((await root.patch(at('x'), { type: 'integer', default: 3 })).status).toBe(200)
    expect((await root.post(`/data/${name}`, {})).json.x).toBe(3)
    expect((await root.patch(at('x'), { type: 'text' })).status).toBe(200)
    expect((await root.post(`/data/${name}`, {})).json.x).toBe('3')
  })

  it('T08: many rows, keys of two parts, and nothing of it left behind', async () => {
    const word = byEngine({ sqlite: 'text', postgres: 'text', mariadb: 'varchar(20)' })
    const numbers = 'with recursive n(i) as (select 0 union all select i + 1 from n where i < 900)'
    const key = byEngine({ sqlite: `'k' || (i % 7)`, postgres: `'k' || (i % 7)`, mariadb: `concat('k', i % 7)` })
    await runInTables(app, [
      `create table ${name} (a ${word} not null, b integer not null, x integer, primary key (a, b))`,
      `insert into ${name} ${numbers} select ${key}, i, i * 3 from n`,
    ])
    await expose(root, name)
    const answer = await root.patch(at('x'), { type: 'text', length: 10 })
    expect([answer.status, answer.json.detail]).toEqual([200, undefined])
    const sums = await root.get(`/data/${name}/aggregate?metrics=count,count_distinct:x,max:b`)
    expect(sums.json.data[0]).toMatchObject({ count: 901 })
    expect((await root.get(`/data/${name}/k2,500`)).status).toBe(404)
    expect((await root.get(`/data/${name}/k3,500`)).json).toEqual({ a: 'k3', b: 500, x: '1500' })
    const there = (await root.get('/admin/data/tables')).json.data.map((each: { name: string }) => each.name)
    expect(there.filter((each: string) => each.startsWith('_atrium'))).toEqual([])
  })

  it('T08: answers, the schema, history, deleted rows and live news speak of the new type', async () => {
    const on = { realtime: true, revisions: true, soft_delete: true }
    await make([{ name: 'x', type: 'text', length: 40 }], [{ x: '1' }, { x: 'two' }, { x: '3' }], on)
    const socket = await connect(app, root)
    expect(await socket.ask('data.subscribe', { table: name })).toMatchObject({ ok: true })
    await root.patch(`/data/${name}/2`, { x: '2' })
    await root.delete(`/data/${name}/3`)
    for (const filter of ['1', '2']) await root.get(`/data/${name}?filter[x]=${filter}`)
    await root.get(`/data/${name}/1`)
    const [first] = (await root.get(`/data/${name}/2/revisions`)).json.data.slice(-1)
    expect((await root.patch(at('x'), { type: 'integer' })).status).toBe(200)
    await socket.hears('data.reset')
    expect((await root.get(`/data/${name}/1`)).json).toEqual({ id: 1, x: 1 })
    expect((await root.get(`/data/${name}?filter[x][gte]=2`)).json.data).toEqual([{ id: 2, x: 2 }])
    expect((await root.patch(`/data/${name}/1`, { x: { $inc: 1 } })).json).toMatchObject({ x: 2 })
    const history = (await root.get(`/data/${name}/2/revisions`)).json.data
    expect(history.map(({ record }: { record: object }) => record)).toEqual([
      { id: 2, x: 2 },
      { id: 2, x: null },
    ])
    expect((await root.post(`/data/${name}/2/revisions/${first.rev}/revert`, {})).json.x).toBe(null)
    expect((await root.post(`/data/${name}/3/restore`, {})).json).toEqual({ id: 3, x: 3 })
    const schema = (await root.get(`/data/${name}/schema`)).json
    expect(schema.columns.find((each: { name: string }) => each.name === 'x').type).toBe('integer')
    expect(JSON.stringify((await root.get('/openapi.json')).json)).toContain(name)
    socket.close()
  })
})
