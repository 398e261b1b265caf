import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { Settings } from './settings.ts'

/**
 * What an administrator may change while the server runs: rules for people. What the server stands on, its keys, and what
 * guards the guards (sessions, second factors, origins) stays with the operator.
 */
export const runtimeNames = [
  'ACCOUNT_DELETION_GRACE_DAYS',
  'ACCOUNT_LOCKOUT_DURATION_MINUTES',
  'ACCOUNT_LOCKOUT_THRESHOLD',
  'ALLOWED_EMAIL_DOMAINS',
  'FILE_MAX_MB',
  'FILE_QUOTA_MB',
  'GUEST_ACCOUNTS',
  'MESSAGE_EDIT_MINUTES',
  'MINIMUM_AGE',
  'PASSWORD_POLICY',
  'PLACES_PER_PERSON',
  'RATE_LIMIT_PER_MINUTE',
  'REQUIRED_PROFILE_FIELDS',
] as const satisfies readonly (keyof Settings)[]
export type RuntimeName = (typeof runtimeNames)[number]

export type StoredSettings = Readonly<Partial<Record<RuntimeName, string>>>

export const isRuntimeName = (name: string): name is RuntimeName => runtimeNames.some((known) => known === name)

/** What a setting takes, for whoever asks a person for it. */
export interface SettingShape {
  kind: 'integer' | 'boolean' | 'choice' | 'text'
  description: string
  default: string
  minimum?: number
  maximum?: number
  choices?: string[]
}

export function shapeOf(name: string): SettingShape | undefined {
  const schema = (Settings.properties as Record<string, unknown>)[name] as
    | {
        type?: string
        anyOf?: { const: string }[]
        description: string
        default: unknown
        minimum?: number
        maximum?: number
      }
    | undefined
  if (!schema) return undefined
  const { description, minimum, maximum, anyOf, type } = schema
  const base = { description, default: String(schema.default) }
  if (anyOf) return { kind: 'choice', ...base, choices: anyOf.map((option) => option.const) }
  if (type === 'boolean') return { kind: 'boolean', ...base }
  if (type !== 'integer') return { kind: 'text', ...base }
  return { kind: 'integer', ...base, minimum: minimum ?? 0, maximum: maximum ?? Number.MAX_SAFE_INTEGER }
}

/**
 * Lays stored values under what the environment says. Services hold these parts of the configuration and read them when they
 * need them, so they are changed in place. Throws ConfigError, and then nothing is changed.
 */
export function applyStored(config: Config, stored: StoredSettings): void {
  const { lockout, registration, rateLimit, files, ...fresh } = config.withStored(stored)
  Object.assign(config.lockout, lockout)
  Object.assign(config.registration, registration)
  Object.assign(config.rateLimit, { perMinute: rateLimit.perMinute })
  Object.assign(config.files, { maxBytes: files.maxBytes, quotaBytes: files.quotaBytes })
  config.deletionGraceDays = fresh.deletionGraceDays
  config.guestAccounts = fresh.guestAccounts
  config.messageEditMinutes = fresh.messageEditMinutes
  config.passwordPolicy = fresh.passwordPolicy
  config.placesPerPerson = fresh.placesPerPerson
  config.sources = fresh.sources
}

/** Why these values cannot be used together, by name. */
export function problemsOf(config: Config, stored: StoredSettings): { name: string; message: string }[] {
  try {
    config.withStored(stored)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((problem) => {
      const [name = '', ...rest] = problem.split(': ')
      return { name, message: rest.join(': ') }
    })
  }
}
