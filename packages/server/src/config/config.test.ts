import { expect, it } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'

const good = {
  NODE_ENV: 'production',
  SECRET_KEY: 'Zq3-8dPqkXv27_ttWmNbR5yHc1LfJ6sA',
  PUBLIC_URL: 'https://chat.example.com',
  EMAIL_VERIFICATION: 'off',
}

function problems(variables: Record<string, string>): readonly string[] {
  try {
    loadConfig(variables)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

it('needs nothing in development', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({ production: false, host: '127.0.0.1', port: 8000, tls: false, secrets: { key: '' } })
  expect(config.publicUrl.origin).toBe('http://localhost:8000')
  expect(config.database).toMatchObject({ kind: 'sqlite' })
})

it('offers the tables of the same database server, or a file of their own', () => {
  const url = 'postgres://atrium:secret@127.0.0.1/atrium'
  expect(loadConfig({ DATABASE_URL: url }).tables).toEqual(loadConfig({ DATABASE_URL: url }).database)
  expect(loadConfig({ DATA_DIR: '/srv/a' }).tables).toEqual({ kind: 'sqlite', file: '/srv/a/tables.db' })
  expect(loadConfig({ DATABASE_URL: url, TABLES_URL: 'sqlite:////srv/b.db' }).tables).toMatchObject({ kind: 'sqlite' })
})

it('takes a complete production', () => {
  expect(loadConfig(good)).toMatchObject({ production: true, tls: true })
})

it.each([
  [{ SECRET_KEY: '' }, 'SECRET_KEY'],
  [{ SECRET_KEY: 'Zq3-8dPqkXv27_ttWmNbR5yHc1LfJ6s' }, 'SECRET_KEY'],
  [{ SECRET_KEY: 'dev-secret-change-in-production' }, 'SECRET_KEY'],
  [{ SECRET_KEY: 'your-secret-key-change-this-in-production' }, 'SECRET_KEY'],
  [{ SECRET_KEY: 'YOUR_JWT_SECRET_KEY' }, 'SECRET_KEY'],
  [{ SECRET_KEY: 'a'.repeat(64) }, 'SECRET_KEY'],
  [{ PUBLIC_URL: '' }, 'PUBLIC_URL'],
  [{ PUBLIC_URL: 'http://chat.example.com' }, 'PUBLIC_URL'],
  [{ PUBLIC_URL: 'https://chat.example.com/app' }, 'PUBLIC_URL'],
  [{ ALLOWED_ORIGINS: '*' }, 'ALLOWED_ORIGINS'],
  [{ ALLOWED_ORIGINS: 'http://app.example.com' }, 'ALLOWED_ORIGINS'],
  [{ TESTING: 'true' }, 'TESTING'],
  [{ RATE_LIMIT_PROFILE: 'off' }, 'RATE_LIMIT_PROFILE'],
  [{ CROSS_SITE_UI: 'true' }, 'CROSS_SITE_UI'],
  [{ REFRESH_TOKEN_EXPIRE_MINUTES: '100000' }, 'REFRESH_TOKEN_EXPIRE_MINUTES'],
  [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL'],
  [{ REDIS_URL: 'http://:s3cret@localhost' }, 'REDIS_URL'],
  [{ REDIS_URL: 'redis://:s3cret@/0' }, 'REDIS_URL'],
  [{ REDIS_URL: 'redis://:s3cret@localhost/zero' }, 'REDIS_URL'],
  [{ REDIS_URL: 'rediss://:s3cret@localhost?tls=no' }, 'REDIS_URL'],
  [{ REDIS_URL: 'redis://:s3cret%@localhost' }, 'REDIS_URL'],
  [{ REDIS_SENTINELS: 'localhost:26379' }, 'REDIS_SENTINELS'],
  [{ REDIS_URL: 'redis://group', REDIS_SENTINELS: 's3cret@localhost:26379' }, 'REDIS_SENTINELS'],
  [{ REDIS_URL: 'redis://localhost', REDIS_SENTINEL_PASSWORD: 's3cret' }, 'REDIS_SENTINEL_PASSWORD'],
  [
    { REDIS_URL: 'redis://group', REDIS_SENTINELS: 'localhost:26379', REDIS_SENTINEL_USERNAME: 'atrium' },
    'REDIS_SENTINEL_USERNAME',
  ],
  [{ EMAIL_VERIFICATION: 'required' }, 'EMAIL_VERIFICATION'],
  [{ EMAIL_VERIFICATION: 'optional' }, 'EMAIL_VERIFICATION'],
  [{ EMAIL_VERIFICATION: '' }, 'EMAIL_VERIFICATION'],
  [
    { WORKERS: '2', DATABASE_URL: 'postgres://a@b/c', REDIS_URL: 'redis://b', TABLES_URL: 'sqlite:///t.db' },
    'TABLES_URL',
  ],
  [{ MAIL_DRIVER: 'mailbox' }, 'MAIL_DRIVER'],
  [{ MAIL_DRIVER: 'pigeon' }, 'MAIL_DRIVER'],
  [{ MAIL_DRIVER: 'smtp', MAIL_FROM: 'a@example.com' }, 'SMTP_URL'],
  [{ SMTP_URL: 'smtps://mail.example.com' }, 'MAIL_FROM'],
  [{ SMTP_URL: 'smtps://mail.example.com', RESEND_API_KEY: 're_1', MAIL_FROM: 'a@example.com' }, 'MAIL_DRIVER'],
  [{ RESEND_API_KEY: 're_1', MAIL_FROM: 'A\r\nBcc: b@example.com <a@example.com>' }, 'MAIL_FROM'],
  [{ RESEND_API_KEY: 're_1', MAIL_FROM: 'a@example.com, b@example.com' }, 'MAIL_FROM'],
  [{ SMTP_URL: 'mail.example.com:587', MAIL_FROM: 'a@example.com' }, 'SMTP_URL'],
  [{ SMTP_URL: 'smtp://mail.example.com/inbox', MAIL_FROM: 'a@example.com' }, 'SMTP_URL'],
  [{ SMTP_URL: 'smtp://mail.example.com?secure=false', MAIL_FROM: 'a@example.com' }, 'SMTP_URL'],
  [{ SMTP_URL: 'smtp://ann:hunter2@mail.example.com?tls=off', MAIL_FROM: 'a@example.com' }, 'SMTP_URL'],
  [{ TRUSTED_PROXIES: 'everyone' }, 'TRUSTED_PROXIES'],
  [{ WORKERS: '2', REDIS_URL: 'redis://localhost' }, 'WORKERS'],
  [{ WORKERS: '2', REDIS_URL: 'redis://localhost', DATABASE_URL: 'sqlite:///a.db' }, 'WORKERS'],
  [{ WORKERS: '2', DATABASE_URL: 'postgres://a@db/a' }, 'WORKERS'],
  [
    { WORKERS: '2', DATABASE_URL: 'postgres://a@db/a', REDIS_URL: 'redis://localhost', STICKY_SESSIONS: 'true' },
    'STICKY_SESSIONS',
  ],
])('refuses production with %j', (change, name) => {
  const found = problems({ ...good, ...change })
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(new RegExp(`^${name}: `))
  expect(found[0]).not.toContain('s3cret')
})

const smtp = { SMTP_URL: 'smtp://post%40x:hunt%3Aer2@mail.example.com', MAIL_FROM: 'Atrium <no-reply@example.com>' }
const { EMAIL_VERIFICATION: _, ...silent } = good

it('sends mail by what is set, and asks for confirmed addresses in production then', () => {
  expect(loadConfig({ ...silent, ...smtp })).toMatchObject({
    emailVerification: 'required',
    mail: { driver: 'smtp', from: { name: 'Atrium', address: 'no-reply@example.com' } },
    secrets: {
      smtp: { host: 'mail.example.com', port: 587, tls: 'starttls', login: { user: 'post@x', password: 'hunt:er2' } },
    },
  })
  const both = { ...silent, ...smtp, RESEND_API_KEY: 're_1' }
  expect(loadConfig({ ...both, MAIL_DRIVER: 'resend' }).mail.driver).toBe('resend')
  expect(loadConfig({})).toMatchObject({ emailVerification: 'optional', mail: { driver: 'mailbox' } })
  const without = loadConfig(good)
  expect(without).toMatchObject({ emailVerification: 'off', mail: { driver: 'off' } })
  expect(without.warnings).toEqual([expect.stringContaining('no mail is sent')])
})

it.each([
  ['smtps://mail.example.com', 465, 'implicit'],
  ['smtp://mail.example.com:2525', 2525, 'starttls'],
  ['smtp://relay.internal?tls=off', 25, 'none'],
  ['smtp://127.0.0.1:1025', 1025, 'none'],
  ['smtp://[::1]', 25, 'none'],
])('reads %s', (url, port, tls) => {
  expect(loadConfig({ SMTP_URL: url, MAIL_FROM: 'a@example.com' }).secrets.smtp).toMatchObject({ port, tls })
})

it('takes tiles of a map from one https address with all three numbers, and from nowhere else', () => {
  const tiles = (url: string, more = {}) => problems({ ...good, MAP_TILE_URL: url, ...more })
  expect(loadConfig({}).mapTiles).toBeUndefined()
  const url = 'https://tiles.example.com:8443/base/{z}/{x}/{y}@2x.png?key=abc'
  expect(loadConfig({ ...good, MAP_TILE_URL: url, MAP_TILE_ATTRIBUTION: '© Us' }).mapTiles).toEqual({
    url,
    origin: 'https://tiles.example.com:8443',
    attribution: '© Us',
  })
  expect(loadConfig({ MAP_TILE_URL: 'http://127.0.0.1:8080/{z}/{x}/{y}.png' }).mapTiles?.origin).toBe(
    'http://127.0.0.1:8080',
  )
  for (const [wrong, why] of [
    ['http://tiles.example.com/{z}/{x}/{y}.png', 'https'],
    ['https://tiles.example.com/{z}/{x}.png', '{y}'],
    ['https://tiles.example.com/{z}/{x}/{y}/{y}.png', '{y}'],
    ['https://{s}.tiles.example.com/{z}/{x}/{y}.png', '{s}'],
    ['https://*.example.com/{z}/{x}/{y}.png', 'host'],
    ["https://a;script-src'unsafe-inline'/{z}/{x}/{y}.png", 'host'],
    ['https://me:secret@tiles.example.com/{z}/{x}/{y}.png', 'password'],
    ['javascript:alert(1)//{z}/{x}/{y}', 'https'],
    ['tiles/{z}/{x}/{y}.png', 'https'],
  ] as const)
    expect(tiles(wrong), wrong).toEqual([expect.stringMatching(new RegExp(`^MAP_TILE_URL: .*${why}`))])
})

it('names ours where another system’s setting is set', () => {
  expect(loadConfig({ FLASK_SECRET_KEY: 'x', BACKEND_CORS_ORIGINS: '[]' }).warnings).toEqual([
    'FLASK_SECRET_KEY is not read here; the setting is called SECRET_KEY',
    'BACKEND_CORS_ORIGINS is not read here; the setting is called ALLOWED_ORIGINS',
  ])
})

it('shows where a value came from, and no secret', () => {
  const given = { ...smtp, SENDGRID_API_KEY: 'hunter2', RESEND_API_KEY: 'hunter2', MAIL_DRIVER: 'smtp' }
  const { sources, secrets } = loadConfig({
    ...good,
    ...given,
    DATABASE_URL: 'postgres://atrium:hunter2@x@db/atrium',
    REDIS_URL: 'rediss://worker:hunter2@x%2F@cache.example.com:6380/3',
  })
  expect(sources.REDIS_URL?.value).toBe('rediss://worker:•••@cache.example.com:6380/3')
  expect(secrets.redis).toEqual({
    host: 'cache.example.com',
    port: 6380,
    tls: true,
    username: 'worker',
    password: 'hunter2@x/',
    db: 3,
  })
  expect(sources.PUBLIC_URL).toEqual({ value: 'https://chat.example.com', source: 'environment' })
  expect(sources.PORT).toEqual({ value: '8000', source: 'default' })
  expect(JSON.stringify(sources)).not.toMatch(/hunt|r2|Zq3/)
})

it('knows how sentinels are entered, and shows their password nowhere', () => {
  const at = (url: string, more: Record<string, string> = {}) =>
    loadConfig({ ...good, REDIS_URL: url, REDIS_SENTINELS: '10.0.0.1:26379, [::1]:26380', ...more })
  const nodes = [
    { host: '10.0.0.1', port: 26379 },
    { host: '::1', port: 26380 },
  ]
  const open = { at: nodes, tls: false, username: '', password: '' }
  expect(at('redis://:one@group/0').secrets.redis).toMatchObject({ host: 'group', password: 'one', sentinels: open })
  expect(at('rediss://group').secrets.redis?.sentinels).toEqual({ ...open, tls: true })
  expect(at('rediss://group', { REDIS_SENTINEL_TLS: 'false' }).secrets.redis?.sentinels).toEqual(open)
  const login = { REDIS_SENTINEL_USERNAME: 'atrium', REDIS_SENTINEL_PASSWORD: 'hunter2%' }
  const { secrets, sources } = at('redis://group', { ...login, REDIS_SENTINEL_TLS: 'true' })
  expect(secrets.redis?.sentinels).toEqual({ at: nodes, tls: true, username: 'atrium', password: 'hunter2%' })
  expect(sources.REDIS_SENTINEL_PASSWORD?.value).toBe('•••')
})

it('allows polling where one process serves everybody, and where the operator vouches for it', () => {
  const allowed = (variables: Record<string, string>) => loadConfig({ ...good, ...variables }).realtime.pollingAllowed
  const REDIS_URL = 'redis://localhost'
  const several = { REDIS_URL, WORKERS: '2', DATABASE_URL: 'postgres://a@db/a' }
  expect([allowed({}), allowed({ REDIS_URL }), allowed(several)]).toEqual([true, false, false])
  expect([allowed({ STICKY_SESSIONS: 'false' }), allowed({ REDIS_URL, STICKY_SESSIONS: 'true' })]).toEqual([
    false,
    true,
  ])
})
