import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nativeTypes } from '../../../../test/conformance/samples.ts'
import { appWithTables, byEngine, expose } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

type Row = Record<string, unknown>
const key = (...parts: [name: string, type: string][]) => ({
  columns: parts.map(([name, type]) => `${name} ${type} not null`).join(', '),
  names: parts.map(([name]) => name),
})
const { uuid, integer, decimal, date, time, datetime, boolean, binary } = nativeTypes
// By their bytes: whether two texts are the same key is for the database to say.
const text = byEngine({
  sqlite: 'varchar(100)',
  postgres: 'varchar(100)',
  mariadb: 'varchar(100) collate utf8mb4_nopad_bin',
})

/** Keys of every shape: their columns, and rows in the order of the key with the address each has. */
const shapes: Record<string, { columns: string; names: string[]; rows: [Row, string][] }> = {
  integer: {
    ...key(['id', 'integer']),
    rows: [
      [{ id: -1 }, '-1'],
      [{ id: 0 }, '0'],
      [{ id: 2147483647 }, '2147483647'],
    ],
  },
  big: {
    ...key(['id', integer]),
    rows: [
      [{ id: '-9223372036854775808' }, '-9223372036854775808'],
      [{ id: '9007199254740992' }, '9007199254740992'],
      [{ id: '9007199254740993' }, '9007199254740993'],
      [{ id: '9223372036854775807' }, '9223372036854775807'],
    ],
  },
  words: {
    ...key(['word', text]),
    rows: [
      [{ word: '' }, ','],
      [{ word: ' ' }, '%20'],
      [{ word: '%2F' }, '%252F'],
      [{ word: '..' }, '..,'],
      [{ word: 'A' }, 'A'],
      [{ word: 'O\'Hare, "x" `y`\\' }, "O'Hare%2C%20%22x%22%20%60y%60%5C"],
      [{ word: 'a' }, 'a'],
      [{ word: 'a/b' }, 'a%2Fb'],
      [{ word: 'schema' }, 'schema,'],
      [{ word: 'é' }, '%C3%A9'],
      [{ word: '👨‍👩‍👧' }, encodeURIComponent('👨‍👩‍👧')],
    ],
  },
  tokens: {
    ...key(['id', uuid]),
    rows: [
      [{ id: '00000000-0000-0000-0000-000000000000' }, '00000000-0000-0000-0000-000000000000'],
      [{ id: '01890000-0000-7000-8000-00000000abcd' }, '01890000-0000-7000-8000-00000000abcd'],
      [{ id: 'ffffffff-ffff-4fff-8fff-ffffffffffff' }, 'ffffffff-ffff-4fff-8fff-ffffffffffff'],
    ],
  },
  prices: {
    ...key(['price', decimal]),
    rows: [
      [{ price: '-0.0001' }, '-0.0001'],
      [{ price: '12345678901.2345' }, '12345678901.2345'],
    ],
  },
  moments: {
    ...key(['day', date], ['hour', time], ['at', datetime]),
    rows: [
      [
        { day: '2024-02-29', hour: '00:00:00', at: '2026-03-29T01:30:00.001Z' },
        `2024-02-29,${encodeURIComponent('00:00:00')},${encodeURIComponent('2026-03-29T01:30:00.001Z')}`,
      ],
      [
        { day: '2024-02-29', hour: '23:59:59.5', at: '2026-03-29T01:30:00.000Z' },
        `2024-02-29,${encodeURIComponent('23:59:59.5')},${encodeURIComponent('2026-03-29T01:30:00.000Z')}`,
      ],
    ],
  },
  mixed: {
    ...key(['owner', uuid], ['kind', 'varchar(20)'], ['is_main', boolean], ['number', integer]),
    rows: [
      [
        { owner: '01890000-0000-7000-8000-00000000abcd', kind: '', is_main: false, number: '-1' },
        '01890000-0000-7000-8000-00000000abcd,,false,-1',
      ],
      [
        { owner: '01890000-0000-7000-8000-00000000abcd', kind: 'a,b', is_main: true, number: '9223372036854775807' },
        '01890000-0000-7000-8000-00000000abcd,a%2Cb,true,9223372036854775807',
      ],
    ],
  },
  hashes: {
    ...key(['hash', binary === 'blob' ? 'varbinary(32)' : binary]),
    rows: [
      [{ hash: '' }, ','],
      [{ hash: 'AAEC/w==' }, encodeURIComponent('AAEC/w==')],
    ],
  },
}

let app: TestApp
let root: Visitor
beforeAll(async () => {
  const tables = Object.entries(shapes).map(
    ([name, { columns, names }]) =>
      `create table key_${name} (${columns}, note varchar(50), primary key (${names.join(', ')}))`,
  )
  app = await appWithTables(tables)
  root = await app.holderOf(['admin'])
  for (const name of Object.keys(shapes)) await expose(root, `key_${name}`)
})
afterAll(() => app.drop())

const exact = { prefer: 'numbers=string' }

describe('T01: a key of any shape is the same address on every engine', () => {
  it.each(Object.entries(shapes))('T01: %s', async (name, { rows, names }) => {
    const list = `/data/key_${name}`
    // Together, and in the wrong order: a list has the order of the key.
    const made = await root.post(list, rows.map(([row], index) => ({ ...row, note: `${index}` })).reverse(), exact)
    expect([made.status, made.body.slice(0, 200)]).toEqual([201, expect.anything()])
    const plain = (row: Row) => ({
      ...row,
      ...(row.id !== undefined && name === 'integer' ? { id: Number(row.id) } : {}),
    })
    const all = await root.get(list, exact)
    const expected = rows.map(([row], index) => ({ ...row, note: `${index}` }))
    expect(all.json.data.map(plain)).toEqual(expected)

    const paged: Row[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { json } = await root.get(`${list}?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`, exact)
      paged.push(...json.data.map(plain))
      cursor = json.page.next_cursor
    }
    expect(paged).toEqual(expected)

    for (const [index, [row, path]] of rows.entries()) {
      const address = `${list}/${path}`
      const read = await root.get(address, exact)
      expect([path, read.status, plain(read.json)]).toEqual([path, 200, expected[index]])
      const twice = await root.post(list, { ...row, note: 'again' })
      expect([path, twice.status, twice.json.code]).toEqual([path, 409, 'already_exists'])
      const changed = await root.patch(address, { note: 'new' }, { 'if-match': String(read.headers.etag) })
      expect([path, changed.status, changed.json.note]).toEqual([path, 200, 'new'])
      const stale = await root.patch(address, { note: 'newer' }, { 'if-match': String(read.headers.etag) })
      expect([path, stale.status, stale.json.conflicts]).toEqual([
        path,
        412,
        [{ field: 'note', yours: 'newer', theirs: 'new' }],
      ])
      expect((await root.delete(address)).status).toBe(204)
      const alone = await root.post(list, { ...row, note: 'back' })
      expect([alone.status, alone.headers.location]).toEqual([201, `/api/v1${list}/${path}`])
    }
    const filtered = await root.post(`${list}/query`, {
      filter: Object.fromEntries(names.map((column) => [column, rows[0]?.[0][column]])),
    })
    expect(filtered.json.data).toEqual([expect.objectContaining({ note: 'back' })])
  })
})
