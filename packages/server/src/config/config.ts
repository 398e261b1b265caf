import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { Value } from 'typebox/value'
import { type DatabaseConfig, parseDatabaseUrl } from '../platform/db/database-url.ts'
import type { RedisAddress } from '../platform/redis/redis-url.ts'
import type { LogFile } from '../platform/rotating-file.ts'
import type { S3Credentials } from '../platform/storage/s3-storage.ts'
import type { TracingConfig } from '../platform/tracing/tracer.ts'
import { ConfigError } from './config-error.ts'
import { contradictions, list } from './contradictions.ts'
import { type FilesConfig, readFilesConfig } from './files.ts'
import { type MailConfig, type MailSecrets, readMailConfig } from './mail.ts'
import { type MapTiles, readMapConfig } from './map.ts'
import { type OAuthConfig, type OAuthSecrets, oidcVariables, readOAuthConfig } from './oauth.ts'
import { type PushConfig, readPushConfig } from './push.ts'
import { readRedisConfig } from './redis.ts'
import { type RegistrationConfig, readRegistrationConfig } from './registration.ts'
import { comingNames, foreignNames, Settings } from './settings.ts'
import { readTracingConfig } from './tracing.ts'

type Variables = Readonly<Record<string, string | undefined>>

export interface Config {
  production: boolean
  testing: boolean
  host: string
  port: number
  publicUrl: URL
  /** Cookies carry their __Host- names and Secure. */
  tls: boolean
  crossSiteUi: boolean
  /** Origins besides our own whose pages may call the API with cookies. */
  allowedOrigins: readonly string[]
  trustedProxies: readonly string[]
  dataDir: string
  database: DatabaseConfig
  /** Whose tables are offered under /data. */
  tables: DatabaseConfig
  sessions: {
    accessSeconds: number
    toleranceSeconds: number
    refreshSeconds: number
    absoluteSeconds: number
    graceSeconds: number
    requireMfa: Settings['REQUIRE_MFA']
  }
  emailVerification: Settings['EMAIL_VERIFICATION']
  registration: RegistrationConfig
  deletionGraceDays: number
  /** How long a message can be edited; 0: always. */
  messageEditMinutes: number
  /** 0: as many as they like. */
  placesPerPerson: number
  mapTiles: MapTiles | undefined
  files: FilesConfig
  mail: MailConfig
  push: PushConfig
  passwordPolicy: Settings['PASSWORD_POLICY']
  lockout: { threshold: number; durationSeconds: number }
  guestAccounts: boolean
  /** Processes that serve the port together. */
  workers: number
  realtime: { pollingAllowed: boolean; socketsPerAddress: number }
  rateLimit: { perMinute: number; profile: Settings['RATE_LIMIT_PROFILE'] }
  oauth: OAuthConfig
  /** Whether people can check their browser. */
  doctorPage: boolean
  logLevel: string
  /** In place of standard output. */
  logFile: LogFile | undefined
  /** Who is told of traces. */
  tracing: TracingConfig | undefined
  /** Where modules that are not ours lie. */
  modules: readonly string[]
  /** The one branch with secrets; the logger redacts it by name. */
  secrets: {
    key: string
    oldKeys: readonly string[]
    redis: RedisAddress | undefined
    vapidPrivateKey: string
    /** Lets monitors in; empty: none. */
    metricsToken: string
    /** Whom errors are told to; its path may hold a key. */
    errorSink: string
    s3: S3Credentials | undefined
    /** What is no setting of ours: modules read theirs from it. */
    others: Variables
  } & MailSecrets &
    OAuthSecrets
  /** Lines for the operator that do not stop the start. */
  warnings: readonly string[]
  /** What each setting is and where it came from, for `config show`. */
  sources: Readonly<Record<string, { value: string; source: 'environment' | 'default' }>>
  /** The names of what the operator said. */
  operators: ReadonlySet<string>
  /** The same with these values where the operator said nothing. Throws ConfigError. */
  withStored(stored: Variables): Config
}

export { ConfigError }

/** Settings by their names → Config. Throws ConfigError with one line per unusable setting. */
export function loadConfig(variables: Variables): Config {
  const names = Object.keys(Settings.properties) as (keyof Settings)[]
  const given = Object.fromEntries(names.filter((name) => variables[name]).map((name) => [name, variables[name]]))
  const settings = Value.Convert(Settings, Value.Default(Settings, { ...given })) as Settings
  const problems = Value.Errors(Settings, settings)
    .filter((error) => error.instancePath !== '')
    .map((error) => [error.instancePath.split('/')[1], error.message] as const)
    .filter(([name], index, all) => all.findIndex(([other]) => other === name) === index)
    .map(([name, message]) => `${name}: ${explain(name as keyof Settings, message)}`)
  if (problems.length > 0) throw new ConfigError(problems)
  return assemble(settings, variables, given)
}

function explain(name: keyof Settings, message: string): string {
  const schema = Settings.properties[name] as { anyOf?: { const: string }[]; minimum?: number; maximum?: number }
  if (schema.anyOf) return `must be one of ${schema.anyOf.map((option) => option.const).join(', ')}`
  if (schema.minimum !== undefined) return `must be a whole number from ${schema.minimum} to ${schema.maximum}`
  return message
}

function assemble(settings: Settings, variables: Variables, given: Record<string, unknown>): Config {
  const problems: string[] = []
  const attempt = <T>(name: string, read: () => T, fallback: T): T => {
    try {
      return read()
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`)
      return fallback
    }
  }
  const production = settings.NODE_ENV === 'production'
  const localUrl = new URL(`http://localhost:${settings.PORT}`)
  const publicUrl = attempt(
    'PUBLIC_URL',
    () => (settings.PUBLIC_URL ? parseOrigin(settings.PUBLIC_URL) : localUrl),
    localUrl,
  )
  const allowedOrigins = attempt(
    'ALLOWED_ORIGINS',
    () => list(settings.ALLOWED_ORIGINS).map((item) => parseOrigin(item).origin),
    [],
  )
  const trustedProxies = attempt('TRUSTED_PROXIES', () => list(settings.TRUSTED_PROXIES).map(parseNetwork), [])
  const tls = publicUrl.protocol === 'https:'
  const dataDir = resolve(settings.DATA_DIR)
  const emailVerification = production && !('EMAIL_VERIFICATION' in given) ? 'required' : settings.EMAIL_VERIFICATION
  const requireMfa = production && !('REQUIRE_MFA' in given) ? 'admins' : settings.REQUIRE_MFA
  const { mail, secrets: mailSecrets } = readMailConfig(settings, { production, publicUrl, attempt })
  const pushing = readPushConfig(settings, { publicUrl, mailFrom: mail.from.address, attempt })
  const filing = readFilesConfig(settings, { dataDir, attempt })
  const mapTiles = readMapConfig(settings, { production, attempt })
  const tracing = readTracingConfig(settings, attempt)
  const registration = readRegistrationConfig(settings, attempt)
  const effective = { EMAIL_VERIFICATION: emailVerification, REQUIRE_MFA: requireMfa, MAIL_DRIVER: mail.driver }
  const { oauth, secrets: oauthSecrets } = readOAuthConfig(settings, variables, { production, attempt })

  problems.push(
    ...comingNames
      .filter((name) => variables[name])
      .map((name) => `${name}: this version does not use it yet; unset it`),
    ...contradictions(settings, { production, tls, publicUrl, allowedOrigins, emailVerification, mail }),
  )
  const database = attempt<DatabaseConfig>('DATABASE_URL', () => parseDatabaseUrl(settings.DATABASE_URL, dataDir), {
    kind: 'sqlite',
    file: join(dataDir, 'atrium.db'),
  })
  // Several instances offer the same tables: what is on the disk of one of them will not do where there may be more.
  const usualTables: DatabaseConfig =
    database.kind === 'sqlite' ? { kind: 'sqlite', file: join(dataDir, 'tables.db') } : database
  const tables = attempt<DatabaseConfig>(
    'TABLES_URL',
    () => (settings.TABLES_URL ? parseDatabaseUrl(settings.TABLES_URL, dataDir, { mayBeReadOnly: true }) : usualTables),
    usualTables,
  )
  const redis = readRedisConfig(settings, { given, attempt })
  if (problems.length > 0) throw new ConfigError(problems)

  return {
    production,
    testing: settings.TESTING,
    host: settings.HOST,
    port: settings.PORT,
    publicUrl,
    tls,
    crossSiteUi: settings.CROSS_SITE_UI,
    allowedOrigins,
    trustedProxies,
    dataDir,
    database,
    tables,
    sessions: {
      accessSeconds: settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      toleranceSeconds: settings.ACCESS_TOKEN_TOLERANCE_MINUTES * 60,
      refreshSeconds: settings.REFRESH_TOKEN_EXPIRE_MINUTES * 60,
      absoluteSeconds: settings.SESSION_ABSOLUTE_DAYS * 86_400,
      graceSeconds: settings.REFRESH_GRACE_SECONDS,
      requireMfa,
    },
    emailVerification,
    registration,
    deletionGraceDays: settings.ACCOUNT_DELETION_GRACE_DAYS,
    messageEditMinutes: settings.MESSAGE_EDIT_MINUTES,
    placesPerPerson: settings.PLACES_PER_PERSON,
    mapTiles,
    files: filing.files,
    mail,
    push: pushing.push,
    passwordPolicy: settings.PASSWORD_POLICY,
    lockout: {
      threshold: settings.ACCOUNT_LOCKOUT_THRESHOLD,
      durationSeconds: settings.ACCOUNT_LOCKOUT_DURATION_MINUTES * 60,
    },
    guestAccounts: settings.GUEST_ACCOUNTS,
    workers: settings.WORKERS,
    realtime: {
      pollingAllowed:
        'STICKY_SESSIONS' in given ? settings.STICKY_SESSIONS : redis === undefined && settings.WORKERS === 1,
      socketsPerAddress: settings.SOCKETS_PER_ADDRESS,
    },
    rateLimit: { perMinute: settings.RATE_LIMIT_PER_MINUTE, profile: settings.RATE_LIMIT_PROFILE },
    oauth,
    doctorPage: settings.DOCTOR_PAGE,
    logLevel: settings.LOG_LEVEL,
    logFile: settings.LOG_FILE
      ? {
          path: resolve(settings.LOG_FILE),
          maxBytes: settings.LOG_FILE_MAX_MB * 1024 ** 2,
          kept: settings.LOG_FILE_KEPT,
        }
      : undefined,
    tracing,
    modules: list(settings.MODULES),
    secrets: {
      key: settings.SECRET_KEY,
      oldKeys: list(settings.SECRET_KEYS_OLD),
      redis,
      metricsToken: settings.METRICS_TOKEN,
      errorSink: settings.ERROR_SINK_URL,
      others: Object.fromEntries(Object.entries(variables).filter(([name]) => !(name in Settings.properties))),
      ...mailSecrets,
      ...pushing.secrets,
      ...filing.secrets,
      ...oauthSecrets,
    },
    warnings: [
      ...Object.entries(foreignNames)
        .filter(([name]) => variables[name])
        .map(([name, ours]) => `${name} is not read here; the setting is called ${ours}`),
      ...(mail.driver === 'off'
        ? ['no mail is sent; SMTP_URL, SENDGRID_API_KEY or RESEND_API_KEY would change that']
        : []),
    ],
    sources: Object.fromEntries([
      ...Object.entries({ ...settings, ...effective }).map(([name, value]) => [
        name,
        { value: mask(name, String(value)), source: name in given ? 'environment' : 'default' },
      ]),
      ...oidcVariables(variables).map(([name, value]) => [name, { value: mask(name, value), source: 'environment' }]),
    ]),
    operators: new Set(Object.keys(given)),
    withStored: (stored) =>
      loadConfig({ ...stored, ...Object.fromEntries(Object.entries(variables).filter(([, value]) => value)) }),
  }
}

function parseOrigin(text: string): URL {
  if (text.includes('*')) throw new Error('"*" would let every site act for your users; list exact origins')
  const url = URL.parse(text)
  const shown = text.replace(/\/\/.*@/, '//•••@')
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`"${shown}" is not an http or https address`)
  if (url.pathname !== '/' || url.search || url.hash || url.username || url.password)
    throw new Error(`"${shown}" must be an origin only: scheme, host and port`)
  return url
}

function parseNetwork(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = isIP(address) === 6 ? 128 : 32
  const length = prefix === undefined ? bits : Number(prefix)
  if (isIP(address) === 0 || rest.length > 0 || !Number.isInteger(length) || length < 0 || length > bits) {
    throw new Error(`"${text}" is not an address or a CIDR range`)
  }
  return text
}

/** Secrets and passwords inside addresses are never shown. */
function mask(name: string, value: string): string {
  if (
    /SECRET|API_KEY|PRIVATE_KEY|ACCESS_KEY|METRICS_TOKEN|ERROR_SINK|OTLP_HEADERS|SENTINEL_PASSWORD/.test(name) &&
    value !== ''
  )
    return '•••'
  return value.replace(/(:\/\/[^:/@]*):.*@/, '$1:•••@')
}
