import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './faults/harness/server-process.ts'
import { until } from './faults/harness/waiting.ts'

const program = (process.env.PATH ?? '')
  .split(delimiter)
  .concat('/usr/bin', '/usr/sbin', '/opt/homebrew/bin')
  .map((folder) => join(folder, 'redis-server'))
  .find((file) => existsSync(file))

/** A quick run may do without Redis; the full one has seen to it that it is there. */
export const isRedisMissing = program === undefined && process.env.ATRIUM_TEST_REDIS === undefined

/** A Redis that keeps nothing, which can be killed, held and started again at the same address. */
export interface RedisProcess {
  /** For REDIS_URL. */
  url: string
  readonly password: string
  /** Resolves once it answers a PING with this. */
  start(answer?: string): Promise<void>
  /** Ends at once; what it knew is gone. */
  kill(): Promise<void>
  /** Takes connections and answers nothing until `resume`. */
  hold(): void
  resume(): void
  /** From now on who comes needs this password, and who is there has to come again. */
  changePassword(password: string): Promise<void>
  /** Sends one command and resolves to the raw answer. */
  tell(...words: string[]): Promise<string>
  drop(): Promise<void>
}

// Ends with us, however we end: only then does the pipe close.
const keeper = '"$@" >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null'

export async function startRedis(settings: readonly string[] = []): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-redis-'))
  const port = await freePort()
  const first = 'pass@word:of/redis'
  let password = first
  const file = join(folder, 'redis.conf')
  const lines = ['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, 'save ""', 'appendonly no', ...settings]
  writeFileSync(file, `${[...lines, `requirepass ${first}`].join('\n')}\n`, { mode: 0o600 })
  let child: ChildProcess | undefined
  let pid = 0

  const tell = (...words: string[]) => talk(port, [['AUTH', password], words])
  const redis: RedisProcess = {
    url: `redis://:${encodeURIComponent(first)}@127.0.0.1:${port}/0`,
    password: first,
    tell,
    async changePassword(next) {
      await tell('CONFIG', 'SET', 'requirepass', next)
      password = next
      for (const type of ['normal', 'pubsub']) await tell('CLIENT', 'KILL', 'TYPE', type)
    },
    async start(answer = 'PONG') {
      if (child) return
      password = first
      child = spawn('/bin/sh', ['-c', keeper, 'sh', program ?? 'redis-server', file], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child.stdin?.on('error', () => {})
      const [line] = await once(child.stdout as NodeJS.EventEmitter, 'data')
      pid = Number(String(line).trim())
      await until(
        async () => (await tell('PING').catch(() => '')).includes(answer),
        10_000,
        () => 'no Redis',
      )
    },
    async kill() {
      if (!child) return
      const ended = once(child, 'exit')
      process.kill(pid, 'SIGKILL')
      child.stdin?.end()
      await ended
      child = undefined
    },
    hold: () => process.kill(pid, 'SIGSTOP'),
    resume: () => process.kill(pid, 'SIGCONT'),
    async drop() {
      await redis.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await redis.start()
  return redis
}

export interface SentinelOptions {
  /** What it asks for; with a name it is the password of that account, and others need none. */
  password?: string
  username?: string
  /** It speaks TLS alone, also with the Redis, which listens so at this port. */
  tls?: { certificate: string; key: string; redisPort: number }
}

/** One who watches a Redis and the replicas it has, and lets another one take over within seconds. */
export async function startSentinel(
  group: string,
  watched: RedisProcess,
  { password, username, tls }: SentinelOptions = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-sentinel-'))
  const port = await freePort()
  const file = join(folder, 'sentinel.conf')
  const lines = [
    ...['bind 127.0.0.1', `port ${tls ? 0 : port}`, `dir ${folder}`],
    ...(tls ? [`tls-port ${port}`, ...tlsSettings(tls)] : []),
    ...(password === undefined ? [] : username ? accounts(username, password) : [`requirepass ${password}`]),
    `sentinel monitor ${group} 127.0.0.1 ${tls?.redisPort ?? new URL(watched.url).port} 1`,
    `sentinel auth-pass ${group} ${watched.password}`,
    `sentinel down-after-milliseconds ${group} 1000`,
    // Where the replica is not yet known to be good, it tries again after twice this time.
    `sentinel failover-timeout ${group} 2500`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  const child = spawn('/bin/sh', ['-c', keeper, 'sh', program ?? 'redis-server', file, '--sentinel'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  return {
    address: `127.0.0.1:${port}`,
    /** It writes down what it finds. */
    knowsReplica: () => readFileSync(file, 'utf8').includes('known-replica'),
    async drop() {
      child.stdin?.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const accounts = (name: string, password: string) => [
  'user default on nopass ~* &* -@all +auth +hello +client',
  `user ${name} on >${password} ~* &* +@all`,
]

/** For its clients and for whom it follows; nobody shows a certificate of their own. */
export const tlsSettings = ({ certificate, key }: { certificate: string; key: string }): string[] => [
  ...[`tls-cert-file ${certificate}`, `tls-key-file ${key}`, `tls-ca-cert-file ${certificate}`],
  ...['tls-auth-clients no', 'tls-replication yes'],
]

/** The answer to the last of the commands. */
function talk(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const sent = [...commands, ['QUIT']].map(
      (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    )
    const socket = connect(port, '127.0.0.1', () => socket.write(sent.join('')))
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(text))
  })
}
