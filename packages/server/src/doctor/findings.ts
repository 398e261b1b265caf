/** `error`: does not work, or is not safe. `warning`: will hurt one day. `note`: could be better. */
export type Severity = 'error' | 'warning' | 'note'

interface Known {
  severity: Severity
  title: string
  cure: string
}

const known = {
  settings_foreign: {
    severity: 'warning',
    title: 'A setting of another system is set',
    cure: 'Give the value to the setting of Atrium that is named, and unset the other.',
  },
  testing_on: {
    severity: 'warning',
    title: 'TESTING is on',
    cure: 'Unset TESTING: limits may be off with it.',
  },
  environment_development: {
    severity: 'warning',
    title: 'A development server is open to others',
    cure: 'Set NODE_ENV=production, or keep HOST and PUBLIC_URL on this machine.',
  },
  old_key_repeated: {
    severity: 'warning',
    title: 'SECRET_KEYS_OLD names the present key',
    cure: 'Make a new SECRET_KEY with `atrium secret generate`, or take the present one out of SECRET_KEYS_OLD.',
  },
  mail_off: {
    severity: 'warning',
    title: 'No mail is sent',
    cure: 'Set SMTP_URL, SENDGRID_API_KEY or RESEND_API_KEY: without mail nobody can reset a password.',
  },
  push_subject: {
    severity: 'warning',
    title: 'Push services could not write to you',
    cure: 'Set VAPID_SUBJECT to mailto: with an address you read. Some push services refuse localhost.',
  },
  workers_exceed_cores: {
    severity: 'note',
    title: 'There are more WORKERS than processors',
    cure: 'Set WORKERS to the number of processors at most.',
  },
  proxy_trusts_everyone: {
    severity: 'error',
    title: 'TRUSTED_PROXIES trusts everyone',
    cure: 'Name the addresses of your own proxies only: now anybody can claim any address, and evade bans and limits.',
  },
  proxy_unknown: {
    severity: 'warning',
    title: 'The proxy in front is not among TRUSTED_PROXIES',
    cure: 'Set TRUSTED_PROXIES to the address of the proxy that ends TLS. Until then all people share its address, and its limits.',
  },
  host_exposed: {
    severity: 'note',
    title: 'The port listens on every interface',
    cure: 'Set HOST=127.0.0.1 where the proxy is on this machine; otherwise let a firewall admit the proxy alone.',
  },
  module_missing: {
    severity: 'error',
    title: 'MODULES names something that is not there',
    cure: 'Put its path right, as seen from the folder of the start, or take it out of MODULES.',
  },
  module_failed: {
    severity: 'error',
    title: 'A module does not load',
    cure: 'Put right what is named (`node --check FILE` shows where a file cannot be read), install what it imports, or take it out of MODULES: the server does not start with it.',
  },
  module_wrong: {
    severity: 'error',
    title: 'A module is not as it has to be',
    cure: 'Put right what is named, in the module or in its settings, or take it out of MODULES: the server does not start with it.',
  },
  public_url_unreachable: {
    severity: 'warning',
    title: 'PUBLIC_URL does not answer',
    cure: 'Start the server and the proxy, and see that the name leads here and its certificate is valid.',
  },
  public_url_other: {
    severity: 'error',
    title: 'Something else answers at PUBLIC_URL',
    cure: 'Let the proxy pass all paths on to HOST:PORT, /live among them, unchanged.',
  },
  secret_key_readable: {
    severity: 'error',
    title: 'Others on this machine can read the secret key',
    cure: 'Run `chmod 600` on the file that is named.',
  },
  secret_key_wrong: {
    severity: 'error',
    title: 'The database was written with another SECRET_KEY',
    cure: 'Set SECRET_KEY to the one it was written with, or add that one to SECRET_KEYS_OLD. Sealed values cannot be read without it.',
  },
  data_dir_unwritable: {
    severity: 'error',
    title: 'DATA_DIR cannot be written',
    cure: 'Give the folder to the user that runs Atrium, or set DATA_DIR to another one.',
  },
  data_dir_in_memory: {
    severity: 'error',
    title: 'DATA_DIR lies in memory',
    cure: 'Set DATA_DIR to a folder on a disk: this one is empty after the next start of the machine.',
  },
  disk_almost_full: {
    severity: 'warning',
    title: 'The disk of DATA_DIR is almost full',
    cure: 'Make room. Without it uploads and messages are refused.',
  },
  node_version: {
    severity: 'error',
    title: 'This version of Node is not supported',
    cure: 'Use the Node that comes with the clone (`npm start`), or a supported line, see the guide.',
  },
  time_zones_missing: {
    severity: 'error',
    title: 'Node knows no time zones',
    cure: 'Use a Node with full ICU data, and unset NODE_ICU_DATA: quiet hours need the zones of people.',
  },
  open_files_few: {
    severity: 'warning',
    title: 'Few files may be open at once',
    cure: 'Raise the limit (`ulimit -n 65536`, LimitNOFILE= in systemd): each live connection takes one.',
  },
  database_unreachable: {
    severity: 'error',
    title: 'The database does not answer',
    cure: 'See that it runs, and that host and port in DATABASE_URL lead to it from here.',
  },
  database_credentials: {
    severity: 'error',
    title: 'The database refuses the name or the password',
    cure: 'Put them right in DATABASE_URL; special characters are written as %XX.',
  },
  database_refused: {
    severity: 'error',
    title: 'The database cannot be used',
    cure: 'Do what the detail says.',
  },
  database_version: {
    severity: 'error',
    title: 'The database server is too old, or another one',
    cure: 'Update it; the guide names the oldest versions.',
  },
  database_durability: {
    severity: 'error',
    title: 'The database may lose what it has confirmed',
    cure: 'Switch the setting that is named back on: after a power cut messages would be missing.',
  },
  database_newer: {
    severity: 'error',
    title: 'The database is newer than this version of Atrium',
    cure: 'Start the newer version, or restore a backup that was made before the update.',
  },
  migrations_pending: {
    severity: 'warning',
    title: 'Migrations have not been applied yet',
    cure: 'Run `atrium migrate up`, or start the server, which does it.',
  },
  database_clock: {
    severity: 'warning',
    title: 'The clock of this machine and the database’s differ',
    cure: 'Let both machines take their time from a time server (NTP).',
  },
  database_encoding: {
    severity: 'error',
    title: 'The database does not keep text as Unicode',
    cure: 'Make a new database with UTF8 (PostgreSQL) or utf8mb4 (MariaDB), and `atrium move` to it.',
  },
  database_connections: {
    severity: 'warning',
    title: 'The database has room for too few connections',
    cure: 'Raise max_connections of the server, or lower WORKERS.',
  },
  database_packet: {
    severity: 'warning',
    title: 'MariaDB takes small packets only',
    cure: 'Set max_allowed_packet of the server to 16M or more: larger imports and backups would be refused.',
  },
  database_log: {
    severity: 'warning',
    title: 'The log of writes of the database file is long',
    cure: 'Find who reads the file for hours without an end (`fuser -v` names the programs that have it open) and end it: a backup that hangs, a shell with an open transaction. Until then each write makes the log longer, and the disk fills.',
  },
  database_geography: {
    severity: 'note',
    title: 'PostGIS is not there',
    cure: '`create extension postgis` makes searches for places faster. They give the same answers without it.',
  },
  instances_without_redis: {
    severity: 'error',
    title: 'Several servers share the database, and no REDIS_URL',
    cure: 'Set REDIS_URL on all of them: without it live messages of one do not reach people at another at once.',
  },
  backup_never: {
    severity: 'warning',
    title: 'No backup was ever made',
    cure: 'Run `atrium backup FILE` each night, or back the database and the files up by tools of your own.',
  },
  backup_old: {
    severity: 'warning',
    title: 'The last backup is old',
    cure: 'Look at why the nightly `atrium backup` has stopped.',
  },
  redis_unreachable: {
    severity: 'error',
    title: 'Redis does not answer',
    cure: 'See that it runs, and that REDIS_URL leads to it from here.',
  },
  redis_credentials: {
    severity: 'error',
    title: 'Redis refuses the name or the password',
    cure: 'Put them right in REDIS_URL.',
  },
  redis_sentinels: {
    severity: 'error',
    title: 'The sentinels do not tell where Redis is',
    cure: 'See that REDIS_SENTINELS leads to them from here, that REDIS_SENTINEL_TLS is as they speak and their certificate is valid, and that the host of REDIS_URL is the name of the group they watch.',
  },
  redis_sentinel_credentials: {
    severity: 'error',
    title: 'The sentinels refuse the name or the password',
    cure: 'Put REDIS_SENTINEL_USERNAME and REDIS_SENTINEL_PASSWORD right; the password in REDIS_URL is for Redis alone.',
  },
  redis_evicts: {
    severity: 'warning',
    title: 'Redis throws keys away when it is full',
    cure: 'Set maxmemory-policy noeviction or volatile-ttl: counters of limits that are thrown away begin anew.',
  },
  redis_forgets: {
    severity: 'note',
    title: 'Redis keeps nothing over a restart',
    cure: '`appendonly yes` keeps the counters of limits. Nothing else that Atrium needs is in Redis.',
  },
  storage_unreachable: {
    severity: 'error',
    title: 'The storage of files does not answer',
    cure: 'See that S3_ENDPOINT and S3_REGION are right and lead there from here.',
  },
  storage_bucket_missing: {
    severity: 'error',
    title: 'The bucket does not exist',
    cure: 'Make it, or put S3_BUCKET and S3_REGION right.',
  },
  storage_denied: {
    severity: 'error',
    title: 'The storage of files refuses us',
    cure: 'The key needs to list the bucket and to read, write and delete objects under atrium/ in it.',
  },
  storage_public: {
    severity: 'error',
    title: 'Everybody can read the bucket',
    cure: 'Close it to the public: private files of people lie in it, and Atrium hands out what may be seen.',
  },
  mail_unreachable: {
    severity: 'error',
    title: 'The mail server does not answer',
    cure: 'See that host and port in SMTP_URL are right, and that no firewall holds the port.',
  },
  mail_tls: {
    severity: 'error',
    title: 'The mail server offers no TLS that can be trusted',
    cure: 'Use smtps:// and its port 465, put its certificate right, or ?tls=off for a relay of your own network.',
  },
  mail_credentials: {
    severity: 'error',
    title: 'The mail server refuses the name or the password',
    cure: 'Put them right in SMTP_URL; special characters are written as %XX.',
  },
  sign_in_provider: {
    severity: 'error',
    title: 'A provider of sign-in cannot be used',
    cure: 'See that its issuer is spelt as the provider spells it, and that it can be reached from here.',
  },
} as const satisfies Record<string, Known>

export type FindingId = keyof typeof known
export const knownFindings: Readonly<Record<string, Known>> = known

export interface Finding extends Known {
  /** One of the above, or `setting_<name>` for a setting that cannot be used. */
  id: string
  /** What was seen. */
  detail: string
}

export const found = (id: FindingId, detail: string): Finding => ({ id, ...known[id], detail })

export const settingRefused = (name: string, problem: string): Finding => ({
  id: `setting_${name.toLowerCase()}`,
  severity: 'error',
  title: `${name} cannot be used`,
  cure: `Put ${name} right; the guide of the settings says what it takes.`,
  detail: problem,
})

/** What each of the checks found; `undefined` where there is nothing to say. */
export type Check = Promise<readonly (Finding | undefined)[]>
