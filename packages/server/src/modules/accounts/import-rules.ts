import { AppError, type FieldError } from '../../platform/errors.ts'
import { assertStorable } from '../../platform/http/text-check.ts'
import { parseIdentity } from './identity.ts'
import type { ImportField } from './import-records.ts'
import { isUsableHash } from './password-hasher.ts'
import type { PreparedUser } from './registration.ts'

export interface ImportRules {
  isRole(name: string): boolean
  now: Date
}

/** What is stored of a row, by the same rules as everywhere; or all that is wrong with it. Repeats no value. */
export function prepareImport(
  values: Partial<Record<ImportField, unknown>>,
  rules: ImportRules,
): PreparedUser | FieldError[] {
  const problems: FieldError[] = []
  const read = <T>(field: ImportField, parse: (value: unknown) => T | Problem): T | undefined => {
    const result = parse(values[field])
    if (!(result instanceof Problem)) return result
    problems.push({ pointer: `/${field}`, code: result.code, message: result.message })
    return undefined
  }
  const identity = attempt(problems, () => {
    assertStorable(values)
    return parseIdentity({ username: textOf(values.username), email: textOf(values.email) })
  })
  const passwordHash = read('password_hash', parseHash)
  const emailVerified = read('email_verified', parseFlag) ?? false
  const displayName = read('display_name', parseDisplayName)
  const createdAt = read('created_at', (value) => parseTime(value, rules.now))
  const roles = read('roles', (value) => parseRoles(value, rules.isRole)) ?? []
  if (problems.length > 0 || !identity) return problems
  return {
    identity,
    passwordHash: passwordHash ?? null,
    emailVerified,
    roles,
    profile: displayName ? { display_name: displayName } : {},
    imported: { createdAt },
  }
}

class Problem {
  readonly code: string
  readonly message: string

  constructor(code: string, message: string) {
    this.code = code
    this.message = message
  }
}

function attempt<T>(problems: FieldError[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const errors = error.members.errors as FieldError[] | undefined
    problems.push(...(errors ?? [{ pointer: '', code: error.code, message: error.message }]))
    return undefined
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')
/** CSV cannot say null. */
const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || textOf(value) === 'NULL' || value === ''

function parseHash(value: unknown): string | undefined | Problem {
  if (isAbsent(value)) return undefined
  const text = textOf(value)
  return isUsableHash(text)
    ? text
    : new Problem(
        'unknown_hash',
        'This is no password hash that can be taken over: werkzeug pbkdf2 or scrypt, bcrypt or argon2, of a bearable cost',
      )
}

const flags = new Map<unknown, boolean>([
  ...['true', 't', 'yes', 'y', '1', 1, true].map((value) => [value, true] as const),
  ...['false', 'f', 'no', 'n', '0', 0, false].map((value) => [value, false] as const),
])

function parseFlag(value: unknown): boolean | undefined | Problem {
  if (isAbsent(value)) return undefined
  const known = flags.get(typeof value === 'string' ? value.trim().toLowerCase() : value)
  return known ?? new Problem('invalid_flag', 'Write true or false')
}

const maxNameLength = 80

function parseDisplayName(value: unknown): string | undefined | Problem {
  if (isAbsent(value)) return undefined
  if (typeof value !== 'string') return new Problem('invalid_text', 'This is no text')
  const name = value.trim()
  return [...name].length <= maxNameLength ? name : new Problem('too_long', `At most ${maxNameLength} characters`)
}

/** ISO 8601, with a space instead of the T as databases write it, UTC where no zone is named; or seconds since 1970. */
function parseTime(value: unknown, now: Date): string | undefined | Problem {
  if (isAbsent(value)) return undefined
  const text = String(value).trim()
  const [, date, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/.exec(
      text,
    ) ?? []
  const offset = /^([+-]\d{2}):?(\d{2})?$/.exec(zone)
  const written = `${date}T${time}${offset ? `${offset[1]}:${offset[2] ?? '00'}` : 'Z'}`
  const at = new Date(/^\d{1,10}(\.\d+)?$/.test(text) ? Number(text) * 1000 : written)
  const isSane = at.getTime() >= 0 && at.getTime() <= now.getTime()
  return isSane ? at.toISOString() : new Problem('invalid_time', 'Write a time of the past like 2026-11-21T09:30:00Z')
}

/** A JSON list, or names with commas, semicolons, bars or blanks between them. */
function parseRoles(value: unknown, isRole: (name: string) => boolean): string[] | Problem {
  if (isAbsent(value)) return ['user']
  const names = Array.isArray(value) ? value : String(value).split(/[\s,;|]+/)
  const wanted = [...new Set(names.map(String).filter((name) => name !== ''))]
  if (wanted.length === 0) return ['user']
  const known = wanted.every(isRole) && !wanted.includes('guest')
  return known ? wanted : new Problem('unknown_role', 'Not all of these roles exist here')
}
