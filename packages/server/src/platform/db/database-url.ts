import { join, resolve } from 'node:path'

/** Which engine keeps the data, and where. */
export type DatabaseConfig =
  | { kind: 'sqlite'; file: string; readOnly?: true }
  | { kind: 'postgres'; url: string }
  | { kind: 'mariadb'; url: string }

const forms =
  'sqlite:///file, sqlite:////absolute/file, postgres://user:password@host/name or mariadb://user:password@host/name'

/**
 * Reads DATABASE_URL; empty means a file in the data folder. SQLAlchemy's spellings are understood too, and as there a
 * relative file is relative to the working directory. Throws one sentence that never repeats the URL: it holds a password.
 */
export function parseDatabaseUrl(
  text: string,
  dataDir: string,
  options: { mayBeReadOnly?: true } = {},
): DatabaseConfig {
  if (text === '') return { kind: 'sqlite', file: join(resolve(dataDir), 'atrium.db') }
  const [, scheme, rest] = /^([a-z0-9+]+):\/\/(.*)$/s.exec(text) ?? []
  switch (scheme) {
    case 'sqlite':
      if (options.mayBeReadOnly && rest?.endsWith('?mode=ro'))
        return { kind: 'sqlite', file: sqliteFile(rest.slice(0, -'?mode=ro'.length)), readOnly: true }
      return { kind: 'sqlite', file: sqliteFile(rest ?? '') }
    case 'postgres':
    case 'postgresql':
    case 'postgresql+psycopg':
      return { kind: 'postgres', url: serverUrl(`postgresql://${rest}`) }
    case 'mariadb':
    case 'mysql':
    case 'mysql+pymysql':
      return { kind: 'mariadb', url: serverUrl(`mariadb://${rest}`) }
    default:
      throw new Error(`This is not a database URL Atrium knows; it takes ${forms}.`)
  }
}

function sqliteFile(rest: string): string {
  const path = rest.startsWith('/') ? decoded(rest.slice(1)) : ''
  if (path === '' || path.endsWith('/'))
    throw new Error('A sqlite URL names a file: sqlite:///file or sqlite:////absolute/file.')
  if (path.startsWith(':memory:')) throw new Error('A SQLite database in memory would forget everything; name a file.')
  if (path.includes('?')) throw new Error('A sqlite URL takes no options; name only the file.')
  return resolve(path)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function serverUrl(url: string): string {
  for (const server of serversOf(url)) {
    if (!URL.canParse(server))
      throw new Error('This database URL cannot be read; special characters in the password are written as %XX.')
    if (new URL(server).pathname.length < 2)
      throw new Error('This database URL names no database; add /name after the host.')
  }
  return url
}

/** `postgresql://user:password@one:5432,two:5432/name` names several servers with the same database: one URL for each. */
export function serversOf(url: string): string[] {
  const [, before = '', hosts = '', after = ''] = /^([a-z]+:\/\/(?:[^/?]*@)?)([^/?]*)(.*)$/s.exec(url) ?? []
  return hosts.split(',').map((host) => `${before}${host}${after}`)
}
