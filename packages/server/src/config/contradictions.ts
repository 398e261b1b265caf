import { isLoopback } from '../platform/http/loopback.ts'
import { outsideUrl } from '../platform/http/outside-address.ts'
import type { MailConfig } from './mail.ts'
import type { Settings } from './settings.ts'

interface Facts {
  production: boolean
  tls: boolean
  publicUrl: URL
  allowedOrigins: readonly string[]
  emailVerification: Settings['EMAIL_VERIFICATION']
  mail: MailConfig
}

/** Settings that are fine alone and not together. */
export function contradictions(settings: Settings, facts: Facts): string[] {
  const { production, tls, publicUrl, allowedOrigins, emailVerification, mail } = facts
  const rules: [broken: boolean, line: string][] = [
    [production && settings.TESTING, 'TESTING: is refused in production'],
    [settings.RATE_LIMIT_PROFILE === 'off' && !settings.TESTING, 'RATE_LIMIT_PROFILE: off needs TESTING=true'],
    [
      settings.METRICS_TOKEN !== '' && !/^\S{20,}$/.test(settings.METRICS_TOKEN),
      'METRICS_TOKEN: needs at least 20 characters without spaces; make one with: npm run atrium -- secret generate',
    ],
    [
      settings.ERROR_SINK_URL !== '' && !outsideUrl(settings.ERROR_SINK_URL, { loopbackAllowed: settings.TESTING }),
      'ERROR_SINK_URL: needs an https address of the internet, without a name and password in it',
    ],
    [production && !settings.PUBLIC_URL, 'PUBLIC_URL: production needs the https address that people open'],
    [
      production && Boolean(settings.PUBLIC_URL) && !tls && !isLoopback(publicUrl.hostname),
      'PUBLIC_URL: production needs https; plain http is for loopback only',
    ],
    [
      !production && !tls && Boolean(settings.PUBLIC_URL) && !isLoopback(publicUrl.hostname),
      'PUBLIC_URL: http works for localhost only, because cookies must not travel in the clear; use https',
    ],
    [
      settings.WORKERS > 1 && /^(sqlite:.*)?$/.test(settings.DATABASE_URL),
      'WORKERS: SQLite serves one process; more than one needs PostgreSQL or MariaDB in DATABASE_URL',
    ],
    [
      settings.WORKERS > 1 && settings.TABLES_URL.startsWith('sqlite:'),
      'TABLES_URL: SQLite serves one process, and there are several WORKERS',
    ],
    [
      settings.REDIS_SENTINELS !== '' && settings.REDIS_URL === '',
      'REDIS_SENTINELS: needs the name of the group as the host of REDIS_URL',
    ],
    [
      settings.REDIS_SENTINELS === '' && settings.REDIS_SENTINEL_PASSWORD !== '',
      'REDIS_SENTINEL_PASSWORD: there are no REDIS_SENTINELS that ask for it',
    ],
    [
      settings.REDIS_SENTINEL_USERNAME !== '' && settings.REDIS_SENTINEL_PASSWORD === '',
      'REDIS_SENTINEL_USERNAME: needs REDIS_SENTINEL_PASSWORD',
    ],
    [settings.WORKERS > 1 && settings.REDIS_URL === '', 'WORKERS: more than one needs REDIS_URL'],
    [
      settings.WORKERS > 1 && settings.STICKY_SESSIONS,
      'STICKY_SESSIONS: nobody can stick to one of several WORKERS, which share a port',
    ],
    [settings.CROSS_SITE_UI && !tls, 'CROSS_SITE_UI: needs an https PUBLIC_URL'],
    [settings.CROSS_SITE_UI && allowedOrigins.length === 0, 'CROSS_SITE_UI: needs ALLOWED_ORIGINS'],
    [
      production && allowedOrigins.some((origin) => !origin.startsWith('https:')),
      'ALLOWED_ORIGINS: production takes https origins only',
    ],
    [
      production && !settings.SECRET_KEY,
      'SECRET_KEY: production needs one; make it with: npm run atrium -- secret generate',
    ],
    [
      Boolean(settings.SECRET_KEY) && isWeakSecret(settings.SECRET_KEY),
      'SECRET_KEY: needs at least 32 random bytes, and not an example',
    ],
    [
      list(settings.SECRET_KEYS_OLD).some(isWeakSecret),
      'SECRET_KEYS_OLD: each needs at least 32 random bytes, and not an example',
    ],
    [
      settings.REFRESH_TOKEN_EXPIRE_MINUTES > settings.SESSION_ABSOLUTE_DAYS * 1440,
      'REFRESH_TOKEN_EXPIRE_MINUTES: is longer than SESSION_ABSOLUTE_DAYS',
    ],
    [
      settings.ACCESS_TOKEN_EXPIRE_MINUTES > settings.REFRESH_TOKEN_EXPIRE_MINUTES,
      'ACCESS_TOKEN_EXPIRE_MINUTES: is longer than REFRESH_TOKEN_EXPIRE_MINUTES',
    ],
    [
      mail.driver === 'off' && emailVerification !== 'off' && (production || emailVerification === 'required'),
      `EMAIL_VERIFICATION: ${emailVerification} needs mail; set SMTP_URL, SENDGRID_API_KEY or RESEND_API_KEY, or say off`,
    ],
  ]
  return rules.filter(([broken]) => broken).map(([, line]) => line)
}

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** Too short, too even, or printed in a tutorial. */
function isWeakSecret(secret: string): boolean {
  const example = /change.?this|change.?in.?production|your.?(jwt.?)?secret|example|^dev/i
  return Buffer.byteLength(secret) < 32 || new Set(secret).size < 10 || example.test(secret)
}
