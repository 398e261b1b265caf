import type { ColumnType } from '../../src/platform/db/tables/catalogue.ts'
import { byEngine } from '../sample-tables.ts'

const native = (sqlite: string, postgres: string, mariadb: string) => byEngine({ sqlite, postgres, mariadb })

/** A column of every type; its name is the type. */
export const nativeTypes: Record<ColumnType, string> = {
  integer: 'bigint',
  decimal: 'decimal(15,4)',
  number: native('double', 'double precision', 'double'),
  boolean: 'boolean',
  text: native('varchar(200)', 'varchar(200)', 'varchar(200)'),
  uuid: native('uuid_text', 'uuid', 'uuid'),
  date: native('date', 'date', 'date'),
  time: native('time', 'time', 'time(6)'),
  datetime: native('datetime', 'timestamptz', 'datetime(3)'),
  json: native('json', 'jsonb', 'json'),
  binary: native('blob', 'bytea', 'blob'),
  other: native('inet', 'inet', 'inet4'),
}
export const types = Object.keys(nativeTypes) as ColumnType[]

const columns = types.map((type) => `c_${type} ${nativeTypes[type]}`).join(', ')
export const samplesTable = `create table samples (id integer not null primary key, ${columns})`

const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString('base64')

type Sample = { id: number } & Record<string, unknown>
/** As they are sent, and as they are read again with `numbers=string`. */
export const samples: readonly Sample[] = [
  {
    id: 1,
    c_integer: '9223372036854775807',
    c_decimal: '12345678901.2345',
    c_number: 1.5,
    c_boolean: true,
    c_text: `O'Hare "said" \`so\` \\ 50%_ [x] *?`,
    c_uuid: '01890000-0000-7000-8000-00000000000a',
    c_date: '2024-02-29',
    c_time: '23:59:59.123456',
    c_datetime: '2026-03-29T01:30:00.000Z',
    c_json: { a: [1, 2.5, { b: null }], 'ü "\\': '👍\n', long: 'x'.repeat(50) },
    c_binary: bytes,
  },
  {
    id: 2,
    c_integer: '-9223372036854775808',
    c_decimal: '-12345678901.2345',
    c_number: -1.5e300,
    c_boolean: false,
    c_text: '👨‍👩‍👧 Zoë e\u0301 日本 \u{10ffff}',
    c_uuid: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
    c_date: '1000-01-01',
    c_time: '00:00:00.000001',
    c_datetime: '1000-01-01T00:00:00.000Z',
    c_json: ['a', '1', 2.5, true, null, ['b'], { c: 'd' }],
    c_binary: '/w==',
  },
  {
    id: 3,
    c_integer: '0',
    c_decimal: '0.0000',
    c_number: 0,
    c_boolean: false,
    c_text: '',
    c_uuid: '00000000-0000-0000-0000-000000000000',
    c_date: '1970-01-01',
    c_time: '00:00:00',
    c_datetime: '1970-01-01T00:00:00.000Z',
    c_json: '',
    c_binary: '',
  },
  {
    id: 4,
    c_integer: null,
    c_decimal: null,
    c_number: null,
    c_boolean: null,
    c_text: null,
    c_uuid: null,
    c_date: null,
    c_time: null,
    c_datetime: null,
    c_json: null,
    c_binary: null,
  },
  {
    id: 5,
    c_integer: '9007199254740993',
    c_decimal: '0.0001',
    c_number: 0.1,
    c_boolean: true,
    c_text: 'a',
    c_uuid: '01890000-0000-7000-8000-00000000000b',
    c_date: '9999-12-31',
    c_time: '12:00:00',
    c_datetime: '9999-12-31T23:59:59.999Z',
    c_json: false,
    c_binary: 'AA==',
  },
  {
    id: 6,
    c_integer: '9007199254740992',
    c_decimal: '-0.0001',
    c_number: 5e-324,
    c_boolean: true,
    c_text: 'A ',
    c_uuid: '01890000-0000-7000-8000-00000000000c',
    c_date: '2024-03-01',
    c_time: '12:00:00.500000'.replace(/0+$/, ''),
    c_datetime: '2026-03-29T01:30:00.001Z',
    c_json: { type: 'Point', coordinates: [8.5, 47.4], n: null },
    c_binary: 'AAE=',
  },
]

/** The same value twice: what comes first then is decided by the key. */
export const twin: Sample = { ...(samples[4] as Sample), id: 7 }
export const rows: readonly Sample[] = [...samples, twin]
export const insertOther = `update samples set c_other = '10.0.0.1' where id = 1`
/** A JSON number without a fraction is taken for an integer: a large double goes as text. */
export const sendable = <T extends Record<string, unknown>>(row: T): T & { c_number: string | null } => ({
  ...row,
  c_number: row.c_number === null ? null : String(row.c_number),
})
