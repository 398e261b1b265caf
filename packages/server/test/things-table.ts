import { byEngine } from './sample-tables.ts'

const bool = byEngine({ sqlite: 'boolean', postgres: 'boolean', mariadb: 'boolean' })
const moment = byEngine({ sqlite: 'datetime', postgres: 'timestamp', mariadb: 'datetime(3)' })
const bytes = byEngine({ sqlite: 'blob', postgres: 'bytea', mariadb: 'blob' })
const double = byEngine({ sqlite: 'double', postgres: 'double precision', mariadb: 'double' })

/** One column of every kind, in the collations an engine has by itself. */
export const things = `create table things (
  id integer not null primary key, label varchar(100), amount decimal(12,4), size bigint, weight ${double},
  done ${bool}, day date, at ${moment}, body ${bytes}, parent integer, foreign key (parent) references things (id))`

export const thingRows = [
  {
    id: 1,
    label: 'apple',
    amount: '1.5',
    size: '9007199254740993',
    weight: 0.1,
    done: true,
    day: '2026-01-01',
    at: '2026-01-01T00:00:00.000Z',
    body: 'AQ==',
  },
  {
    id: 2,
    label: 'Apple',
    amount: '10',
    size: 2,
    weight: -3,
    done: false,
    day: '2026-01-02',
    at: '2026-01-01T00:00:00.001Z',
    body: 'Ag==',
    parent: 1,
  },
  {
    id: 3,
    label: 'äpfel',
    amount: '-0.0001',
    size: '-9223372036854775808',
    weight: '1e300',
    done: null,
    day: '1999-12-31',
    at: '1999-12-31T23:59:59.999Z',
    body: '',
    parent: 1,
  },
  { id: 4, label: '', amount: null, size: null, weight: null, done: true, day: null, at: null, body: null, parent: 2 },
  {
    id: 5,
    label: null,
    amount: '0',
    size: 0,
    weight: 0,
    done: false,
    day: '2026-11-21',
    at: '2026-11-21T10:00:00.500Z',
    body: null,
  },
  {
    id: 6,
    label: '50% off_sale\\',
    amount: '99999999.9999',
    size: 6,
    weight: 6,
    done: null,
    day: '2026-01-01',
    at: null,
    body: 'AQI=',
    parent: 99,
  },
  {
    id: 7,
    label: 'apple ',
    amount: '1.5',
    size: 7,
    weight: 0.1,
    done: true,
    day: '2026-06-01',
    at: '2026-01-01T00:00:00.000Z',
    body: null,
  },
  {
    id: 8,
    label: 'ÄPFEL und *[x]',
    amount: '1.5',
    size: 8,
    weight: 8,
    done: true,
    day: '2026-06-01',
    at: null,
    body: null,
  },
].map((row) => (row.parent === 99 ? { ...row, parent: null } : row))
