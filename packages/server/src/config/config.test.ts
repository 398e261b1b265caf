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
  [{ REDIS_URL: 'redis://localhost' }, 'REDIS_URL'],
  [{ EMAIL_VERIFICATION: 'required' }, 'EMAIL_VERIFICATION'],
  [{ TRUSTED_PROXIES: 'everyone' }, 'TRUSTED_PROXIES'],
])('refuses production with %j', (change, name) => {
  const found = problems({ ...good, ...change })
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(new RegExp(`^${name}: `))
})

it('names ours where another system’s setting is set', () => {
  expect(loadConfig({ FLASK_SECRET_KEY: 'x', BACKEND_CORS_ORIGINS: '[]' }).warnings).toEqual([
    'FLASK_SECRET_KEY is not read here; the setting is called SECRET_KEY',
    'BACKEND_CORS_ORIGINS is not read here; the setting is called ALLOWED_ORIGINS',
  ])
})

it('shows where a value came from, and no secret', () => {
  const { sources } = loadConfig({ ...good, DATABASE_URL: 'postgres://atrium:hunter2@db/atrium' })
  expect(sources.PUBLIC_URL).toEqual({ value: 'https://chat.example.com', source: 'environment' })
  expect(sources.PORT).toEqual({ value: '8000', source: 'default' })
  expect(JSON.stringify(sources)).not.toMatch(/hunter2|Zq3/)
})
