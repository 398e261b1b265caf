import { describe, expect, it } from 'vitest'
import { parseDatabaseUrl } from './database-url.ts'

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
