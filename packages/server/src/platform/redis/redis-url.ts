/** Where a Redis is and how to enter it. Holds a password: kept among the secrets of the configuration. */
export interface RedisAddress {
  host: string
  port: number
  tls: boolean
  username: string
  password: string
  db: number
  /** Who knows where it is; `host` is then the name of the group they watch. */
  sentinels?: RedisSentinels
}

/** All of them are entered alike. */
export interface RedisSentinels {
  at: readonly { host: string; port: number }[]
  tls: boolean
  username: string
  password: string
}

/** Reads REDIS_URL. Throws one sentence that never repeats the URL: it holds a password. */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.parse(text)
  const db = /^\/?(\d{0,4})$/.exec(url?.pathname ?? '')?.[1]
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || url.hash !== '') {
    throw new Error('must be redis://user:password@host:6379/0, or rediss:// for TLS; special characters as %XX')
  }
  if (url.search !== '') throw new Error('takes no options after a question mark')
  if (db === undefined) throw new Error('names a database by its number: /0')
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    tls: url.protocol === 'rediss:',
    username: decoded(url.username),
    password: decoded(url.password),
    db: Number(db),
  }
}

/** Reads REDIS_SENTINELS. Throws one sentence. */
export const parseSentinels = (items: readonly string[]): { host: string; port: number }[] =>
  items.map((item) => {
    const url = URL.parse(`redis://${item}`)
    if (!url?.port || url.username || url.pathname || url.search || url.hash)
      throw new Error('is a comma list of host:port; sentinels listen on 26379 unless they are told otherwise')
    return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) }
  })

/** How ioredis tells that none of the sentinels knows; what the last one that failed said comes behind it. */
export const lostBySentinels = /^All sentinels are unreachable\..*?(?: Last error: (.*))?$/s

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('special characters in the password are written as %XX')
  }
}
