import { type Static, Type } from 'typebox'
import { mailDrivers } from '../platform/mail/mail-transport.ts'
import { fileSettings } from './file-settings.ts'
import { operateSettings } from './operate-settings.ts'
import { placeSettings } from './place-settings.ts'

const count = (options: { default: number; minimum: number; maximum: number; description: string }) =>
  Type.Integer(options)
const address = (description: string) => Type.String({ default: '', maxLength: 4096, description })

/** Every setting: its type, default and description are the code, the check and the reference page at once. */
export const Settings = Type.Object({
  NODE_ENV: Type.Union([Type.Literal('development'), Type.Literal('production')], {
    default: 'development',
    description: 'Production asks for a real SECRET_KEY and PUBLIC_URL. The rules of security are the same in both.',
  }),
  HOST: Type.String({
    default: '127.0.0.1',
    maxLength: 255,
    description: 'Address to listen on. 0.0.0.0 listens on every interface.',
  }),
  PORT: count({ default: 8000, minimum: 0, maximum: 65535, description: 'Port to listen on; 0 takes a free one.' }),
  PUBLIC_URL: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'The address people open, without a path. Empty: http://localhost:PORT. https switches cookies to their __Host- names and turns on HSTS.',
  }),
  ALLOWED_ORIGINS: Type.String({
    default: '',
    maxLength: 8192,
    description:
      'Comma list of other origins whose pages may call the API with cookies, each exact, e.g. https://app.example.com.',
  }),
  CROSS_SITE_UI: Type.Boolean({
    default: false,
    description: 'Sends cookies with SameSite=None for a front end on another site. Needs https and ALLOWED_ORIGINS.',
  }),
  TRUSTED_PROXIES: Type.String({
    default: '',
    maxLength: 8192,
    description:
      'Comma list of addresses or CIDR ranges of your own proxies. Only they are believed in X-Forwarded-For.',
  }),
  DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    maxLength: 4096,
    description: 'Folder of the SQLite file, of uploaded files and of generated keys.',
  }),
  DATABASE_URL: address(
    'sqlite:, postgres: or mariadb: address of the database. Several hosts with one database are separated by commas, and the one that takes writes is found. Empty: a SQLite file in DATA_DIR.',
  ),
  TABLES_URL: address(
    'sqlite:, postgres: or mariadb: address of the database whose tables are offered under /data, once an administrator exposes them. Empty: the database server of DATABASE_URL, where tables of Atrium stay hidden; with SQLite a file of its own in DATA_DIR. A sqlite: address may end in ?mode=ro: then nothing of that file is ever changed.',
  ),
  REDIS_URL: address(
    'redis: or rediss: address of a Redis through which several instances hear of each other and share their limits. Empty: each process is by itself, as it is while Redis is away.',
  ),
  WORKERS: count({
    default: 1,
    minimum: 1,
    maximum: 64,
    description:
      'Processes of this machine that serve one port together. More than one needs PostgreSQL or MariaDB, and REDIS_URL.',
  }),
  STICKY_SESSIONS: Type.Boolean({
    default: false,
    description:
      'Whether your proxy sends all requests of one client to the same instance. Live connections by long polling need that, so without it they are WebSocket only. Not said: polling is allowed where this is the one instance (no REDIS_URL, WORKERS=1).',
  }),
  SOCKETS_PER_ADDRESS: count({
    default: 2000,
    minimum: 1,
    maximum: 100_000,
    description:
      'Live connections from one address (IPv6: one /64) to one process, whoever is behind it. A proxy that is not among TRUSTED_PROXIES is one address.',
  }),
  SECRET_KEY: Type.String({
    default: '',
    maxLength: 1024,
    description:
      'Key of all tokens, at least 32 random bytes (make one with: npm run atrium -- secret generate). In development it is made once and kept in DATA_DIR.',
  }),
  SECRET_KEYS_OLD: Type.String({
    default: '',
    maxLength: 8192,
    description:
      'Comma list of keys that SECRET_KEY replaced. What they signed or encrypted is still read; nothing new is. Remove one once its sessions have ended.',
  }),
  ALGORITHM: Type.Literal('HS256', { default: 'HS256', description: 'Signature of access and refresh tokens.' }),
  ACCESS_TOKEN_EXPIRE_MINUTES: count({
    default: 30,
    minimum: 1,
    maximum: 1440,
    description: 'Life of an access token. Revocation never waits for it.',
  }),
  ACCESS_TOKEN_TOLERANCE_MINUTES: count({
    default: 60,
    minimum: 0,
    maximum: 10080,
    description:
      'A cookie session whose access token ended less than this ago is renewed within the same answer; 0 turns it off.',
  }),
  REFRESH_TOKEN_EXPIRE_MINUTES: count({
    default: 10080,
    minimum: 5,
    maximum: 525600,
    description: 'A session ends when it was not used for this long.',
  }),
  REFRESH_GRACE_SECONDS: count({
    default: 10,
    minimum: 0,
    maximum: 60,
    description:
      'For this long after a refresh its old token still answers with the same successor, so two tabs do not log each other out.',
  }),
  SESSION_ABSOLUTE_DAYS: count({
    default: 30,
    minimum: 1,
    maximum: 365,
    description: 'A session ends after this many days, however much it is used.',
  }),
  EMAIL_VERIFICATION: Type.Union([Type.Literal('off'), Type.Literal('optional'), Type.Literal('required')], {
    default: 'optional',
    description:
      'Whether an address must be proved: required before the first sign-in, optional at any time, off never asked. Production: required unless it is said, which needs a way to send mail.',
  }),
  MINIMUM_AGE: count({
    default: 0,
    minimum: 0,
    maximum: 120,
    description: 'Who registers must say when they were born, and be this old. 0: nobody is asked.',
  }),
  REQUIRED_PROFILE_FIELDS: Type.String({
    default: '',
    maxLength: 255,
    description:
      'Comma list of what must be said at registration: display_name, first_name, last_name, date_of_birth, country.',
  }),
  ALLOWED_EMAIL_DOMAINS: Type.String({
    default: '',
    maxLength: 8192,
    description: 'Comma list of the domains whose addresses may register, each exact. Empty: all.',
  }),
  ACCOUNT_DELETION_GRACE_DAYS: count({
    default: 14,
    minimum: 0,
    maximum: 365,
    description: 'How long somebody who asked for their account to be erased can take it back.',
  }),
  MESSAGE_EDIT_MINUTES: count({
    default: 0,
    minimum: 0,
    maximum: 525_600,
    description: 'How long after sending it a message can be edited; 0 sets no end. What it said before is kept.',
  }),
  ...fileSettings,
  ...operateSettings,
  ...placeSettings,
  MAIL_DRIVER: Type.Union(
    (['auto', ...mailDrivers] as const).map((driver) => Type.Literal(driver)),
    {
      default: 'auto',
      description:
        'How mail leaves. auto: by the one of SMTP_URL, SENDGRID_API_KEY and RESEND_API_KEY that is set; by none of them development has a mailbox at /dev/mailbox, and production sends nothing (off).',
    },
  ),
  MAIL_FROM: Type.String({
    default: '',
    maxLength: 320,
    description: 'Whom mails come from, e.g. Atrium <no-reply@example.com>. Needed wherever mail is really sent.',
  }),
  SMTP_URL: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'Mail server: smtp://user:password@host:587 (TLS is asked for before anything is said) or smtps://user:password@host:465. Certificates are checked. smtp://host:25?tls=off is for a relay of your own network.',
  }),
  SENDGRID_API_KEY: Type.String({ default: '', maxLength: 512, description: 'Sends mail through SendGrid.' }),
  RESEND_API_KEY: Type.String({ default: '', maxLength: 512, description: 'Sends mail through Resend.' }),
  VAPID_PRIVATE_KEY: Type.String({
    default: '',
    maxLength: 64,
    description:
      'Private key that pushes to browsers are signed with, 32 bytes in base64url. Empty: one is made and kept, encrypted, in the database. Browsers have to subscribe again after a change.',
  }),
  VAPID_SUBJECT: Type.String({
    default: '',
    maxLength: 320,
    description: 'Whom push services write to about your pushes, mailto: or https:. Empty: PUBLIC_URL, or MAIL_FROM.',
  }),
  PASSWORD_POLICY: Type.Union([Type.Literal('standard'), Type.Literal('classes'), Type.Literal('strict')], {
    default: 'standard',
    description:
      'standard: 8 to 128 characters, none of the common passwords, not your own name. classes: also upper case, lower case, number and special character. strict: at least 15 characters.',
  }),
  REQUIRE_MFA: Type.Union([Type.Literal('off'), Type.Literal('admins'), Type.Literal('all')], {
    default: 'off',
    description:
      'Who must have a second factor: until then a session may only enrol one. Production: admins unless it is said.',
  }),
  ACCOUNT_LOCKOUT_THRESHOLD: count({
    default: 5,
    minimum: 1,
    maximum: 50,
    description: 'Wrong passwords for one name before it is locked for strangers, whether or not an account has it.',
  }),
  ACCOUNT_LOCKOUT_DURATION_MINUTES: count({
    default: 30,
    minimum: 1,
    maximum: 1440,
    description:
      'How long such a lock lasts. A browser the person signed in with before, and the link in the mail, still work.',
  }),
  GUEST_ACCOUNTS: Type.Boolean({
    default: false,
    description: 'Whether people may look around as guests, without name and password.',
  }),
  RATE_LIMIT_PER_MINUTE: count({
    default: 60,
    minimum: 1,
    maximum: 1000000,
    description: 'Requests a minute of one network that is not signed in. Signed-in users have five times as many.',
  }),
  RATE_LIMIT_PROFILE: Type.Union([Type.Literal('standard'), Type.Literal('strict'), Type.Literal('off')], {
    default: 'standard',
    description:
      'strict: 200 requests a day, 50 an hour and 5 sign-ins a minute. off: no limits on requests, messages and events; only with TESTING=true.',
  }),
  GOOGLE_CLIENT_ID: Type.String({
    default: '',
    maxLength: 1024,
    description: 'Turns on signing in with Google; with GOOGLE_CLIENT_SECRET.',
  }),
  GOOGLE_CLIENT_SECRET: Type.String({ default: '', maxLength: 1024, description: 'Secret of the client at Google.' }),
  GOOGLE_TRUSTED: Type.Boolean({
    default: true,
    description: 'Whether Google is believed when it says that an address is verified: then accounts are linked by it.',
  }),
  GITHUB_CLIENT_ID: Type.String({
    default: '',
    maxLength: 1024,
    description: 'Turns on signing in with GitHub; with GITHUB_CLIENT_SECRET.',
  }),
  GITHUB_CLIENT_SECRET: Type.String({ default: '', maxLength: 1024, description: 'Secret of the app at GitHub.' }),
  GITHUB_TRUSTED: Type.Boolean({
    default: true,
    description: 'Whether GitHub is believed when it says that an address is verified: then accounts are linked by it.',
  }),
  LOG_LEVEL: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'How much is logged. Lines are JSON on standard output, or in LOG_FILE.' },
  ),
  TESTING: Type.Boolean({ default: false, description: 'For test and load runs; refused in production.' }),
})

export type Settings = Static<typeof Settings>

/** Settings whose names have a part that the operator chooses, for as many providers as there are. */
export const patternSettings = [
  {
    name: 'OIDC_<NAME>_ISSUER',
    values: 'https address',
    description:
      'Turns on signing in with an OpenID Connect provider of your choice, as the provider spells its issuer. `<NAME>` is made of A-Z and 0-9; in addresses it is lower case, and it must not change later.',
  },
  { name: 'OIDC_<NAME>_CLIENT_ID', values: 'text', description: 'The client at that provider.' },
  { name: 'OIDC_<NAME>_CLIENT_SECRET', values: 'text', description: 'Its secret.' },
  {
    name: 'OIDC_<NAME>_TRUSTED',
    values: '`true`, `false`',
    description:
      'Whether that provider is believed when it says that an address is verified. Default `false`: accounts are never linked by what it says.',
  },
] as const

/** Names of other systems' settings: one that is set gives a warning that names ours. */
export const foreignNames: Readonly<Record<string, string>> = {
  S3_BUCKET_NAME: 'S3_BUCKET',
  FLASK_ENV: 'NODE_ENV',
  FLASK_SECRET_KEY: 'SECRET_KEY',
  APP_SECRET_KEY: 'SECRET_KEY',
  JWT_SECRET_KEY: 'SECRET_KEY',
  APP_JWT_SECRET: 'SECRET_KEY',
  DATABASE_URI: 'DATABASE_URL',
  DB_URI: 'DATABASE_URL',
  PROJECT_DATABASE_URL: 'DATABASE_URL',
  CLIENT_DOMAIN: 'ALLOWED_ORIGINS',
  BACKEND_CORS_ORIGINS: 'ALLOWED_ORIGINS',
  BACKEND_BASE_URL: 'PUBLIC_URL',
  FROM_EMAIL: 'MAIL_FROM',
  MAIL_DEFAUL_SENDER: 'MAIL_FROM',
  ACCESS_TOKEN_DURATION_MINS: 'ACCESS_TOKEN_EXPIRE_MINUTES',
  ACCESS_TOKEN_TOLERANCE_MINS: 'ACCESS_TOKEN_TOLERANCE_MINUTES',
  REFRESH_TOKEN_DURATION_HOURS: 'REFRESH_TOKEN_EXPIRE_MINUTES',
}

/** Settings of coming versions: refused rather than silently ignored. */
export const comingNames: readonly string[] = []
