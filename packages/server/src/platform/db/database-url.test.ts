import { describe, expect, it } from 'vitest'
import { parseDatabaseUrl, serversOf } from './database-url.ts'

describe('parseDatabaseUrl', () => {
  it.each([
    ['', { kind: 'sqlite', file: '/data/atrium.db' }],
    ['sqlite:///store/app.db', { kind: 'sqlite', file: `${process.cwd()}/store/app.db` }],
    ['sqlite:////var/lib/my%20app.db', { kind: 'sqlite', file: '/var/lib/my app.db' }],
    ['postgres://u:p@h/name', { kind: 'postgres', url: 'postgresql://u:p@h/name' }],
    [
      'postgresql://u:p@h:5433/name?sslmode=require',
      { kind: 'postgres', url: 'postgresql://u:p@h:5433/name?sslmode=require' },
    ],
    ['postgresql+psycopg://u:p@h/name', { kind: 'postgres', url: 'postgresql://u:p@h/name' }],
    ['postgres:///name?host=/run/postgresql', { kind: 'postgres', url: 'postgresql:///name?host=/run/postgresql' }],
    ['mariadb://u:p@h/name', { kind: 'mariadb', url: 'mariadb://u:p@h/name' }],
    ['mysql://u:p@h/name', { kind: 'mariadb', url: 'mariadb://u:p@h/name' }],
    ['postgres://u:p@a:5432,b:5433/name', { kind: 'postgres', url: 'postgresql://u:p@a:5432,b:5433/name' }],
    ['mysql+pymysql://u:p@h/name', { kind: 'mariadb', url: 'mariadb://u:p@h/name' }],
  ])('reads %j', (text, config) => {
    expect(parseDatabaseUrl(text, '/data')).toEqual(config)
  })

  it.each([
    'oracle://u:secret@h/x',
    'atrium.db',
    'sqlite://',
    'sqlite:///',
    'sqlite:///:memory:',
    'sqlite:///a.db?mode=ro',
    'mariadb://u:secret@a:3306,b:x/name',
  ])('refuses %j', (text) => {
    expect(() => parseDatabaseUrl(text, '/data')).toThrow(/\.$/)
  })

  it.each(['postgres://u:secret@h', 'mariadb://u:sec/ret@h/name', 'foo://u:secret@h/x'])(
    'does not repeat %j',
    (text) => {
      expect(() => parseDatabaseUrl(text, '/data')).toThrow(/^(?!.*sec).*$/s)
    },
  )
})

it.each([
  ['postgresql://u:p@h/name', ['postgresql://u:p@h/name']],
  [
    'postgresql://u:p@a:1,b,[::1]:2/name?sslmode=require',
    [
      'postgresql://u:p@a:1/name?sslmode=require',
      'postgresql://u:p@b/name?sslmode=require',
      'postgresql://u:p@[::1]:2/name?sslmode=require',
    ],
  ],
  ['postgresql:///name?host=/run/postgresql', ['postgresql:///name?host=/run/postgresql']],
  ['mariadb://u:p,q@a,b/name', ['mariadb://u:p,q@a/name', 'mariadb://u:p,q@b/name']],
])('F9: %j names its servers', (url, servers) => {
  expect(serversOf(url)).toEqual(servers)
})
