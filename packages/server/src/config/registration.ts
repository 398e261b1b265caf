import { domainToASCII } from 'node:url'
import type { Settings } from './settings.ts'

const profileFields = ['display_name', 'first_name', 'last_name', 'date_of_birth', 'country'] as const
export type ProfileField = (typeof profileFields)[number]

/** Who may register. */
export interface RegistrationConfig {
  /** 0: nobody is asked. */
  minimumAge: number
  requiredFields: readonly ProfileField[]
  /** In their ASCII form; empty: every domain. */
  emailDomains: readonly string[]
}

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

export function readRegistrationConfig(settings: Settings, attempt: Attempt): RegistrationConfig {
  const { MINIMUM_AGE: minimumAge, REQUIRED_PROFILE_FIELDS, ALLOWED_EMAIL_DOMAINS } = settings
  const named = attempt('REQUIRED_PROFILE_FIELDS', () => items(REQUIRED_PROFILE_FIELDS).map(parseField), [])
  const emailDomains = attempt('ALLOWED_EMAIL_DOMAINS', () => items(ALLOWED_EMAIL_DOMAINS).map(parseDomain), [])
  const requiredFields = [...new Set([...named, ...(minimumAge > 0 ? (['date_of_birth'] as const) : [])])]
  return { minimumAge, requiredFields, emailDomains }
}

const items = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

function parseField(name: string): ProfileField {
  const field = profileFields.find((known) => known === name)
  if (field === undefined) throw new Error(`"${name}" is none of ${profileFields.join(', ')}`)
  return field
}

function parseDomain(text: string): string {
  const domain = domainToASCII(text).toLowerCase()
  if (!/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/.test(domain)) throw new Error(`"${text}" is no domain such as example.com`)
  return domain
}
