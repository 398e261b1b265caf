import type { Cluster, Stage } from './cluster.ts'
import { seen } from './cluster-stages.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()

export interface RedisFault {
  what: string
  begin(cluster: Cluster): Promise<void> | void
  end(cluster: Cluster): Promise<void> | void
}

/** F5, F6, F7, F26: Redis is away, slow, full, wrong, or out of one node's reach. */
export const redisFault =
  ({ seconds }: { seconds: number }, fault: RedisFault): Stage =>
  async (cluster) => {
    const { note, revocations, nodes } = cluster
    note(fault.what)
    const lines = nodes.map((node) => node.output.length)
    // How busy the machine is with other things, to tell it from what the fault does.
    await loopLag(cluster)
    const calm = now()
    await pause(2_000)
    const before = { p99_before_ms: cluster.probes.figures(calm).p99Ms, lag_before_ms: await loopLag(cluster) }
    const from = now()
    await fault.begin(cluster)
    await pause(1_500)
    const revoked = await revocations.revoke(nodes.length - 1)
    await pause(Math.max(0, seconds * 1000 - (now() - from)))
    const figures = seen(cluster, from)
    const lag = await loopLag(cluster)
    await fault.end(cluster)
    const ended = now()
    note(`${fault.what}: over`)
    await hearEachOther(cluster)
    const togetherAgain = now() - ended
    const afterwards = await revocations.revoke(nodes.length - 1)
    const said = nodes.map((node, index) => warnings(node.output.slice(lines[index])))
    return {
      lasted_s: seconds,
      refused_ms: revoked.restMs,
      closed_ms: revoked.socketMs,
      together_again_ms: togetherAgain,
      refused_afterwards_ms: Math.max(afterwards.restMs, afterwards.socketMs),
      log_lines_per_node: Math.max(...said),
      loop_lag_ms: lag,
      ...before,
      ...figures,
    }
  }

const loopLag = async ({ nodes }: Cluster) => Math.max(...(await Promise.all(nodes.map((node) => node.loopLag()))))

const warnings = (output: string) =>
  output.split('\n').filter((line) => /"level":"(warn|error)"/.test(line) && line.includes('Redis')).length

/** Each node listens to what all say, and to its own echo. */
async function hearEachOther({ redis, nodes }: Cluster): Promise<void> {
  await until(
    async () => {
      const answer = (await redis?.tell('PUBSUB', 'CHANNELS', 'atrium:*').catch(() => '')) ?? ''
      return answer.split('\r\n').filter((line) => line.startsWith('atrium:')).length > nodes.length
    },
    30_000,
    () => 'the nodes do not come back to Redis',
  )
}

const loadedKeys = 4_000
/** So long does Redis take to load them: a fault of fifteen seconds and a little. */
export const slowToLoad = [
  `key-load-delay ${(16_000_000 / loadedKeys).toFixed(0)}`,
  'loading-process-events-interval-bytes 1024',
]

export const redisFaults = {
  killed: {
    what: 'kill -9 of Redis, which starts again empty',
    begin: async ({ redis }) => redis?.kill(),
    end: async ({ redis }) => redis?.start(),
  },
  hangs: {
    what: 'Redis takes connections and answers nothing',
    begin: ({ redis }) => redis?.hold(),
    end: ({ redis }) => redis?.resume(),
  },
  slow: {
    what: 'Redis answers after two seconds',
    begin: ({ redisLinks }) => {
      for (const link of redisLinks) link.delayMs = 1_000
    },
    end: ({ redisLinks }) => {
      for (const link of redisLinks) link.delayMs = 0
    },
  },
  full: {
    what: 'Redis has no memory left',
    begin: async ({ redis }) => void (await redis?.tell('CONFIG', 'SET', 'maxmemory', '1')),
    end: async ({ redis }) => void (await redis?.tell('CONFIG', 'SET', 'maxmemory', '0')),
  },
  readonly: {
    what: 'Redis is a replica of something that is not there',
    begin: async ({ redis }) => void (await redis?.tell('REPLICAOF', '127.0.0.1', '1')),
    end: async ({ redis }) => void (await redis?.tell('REPLICAOF', 'NO', 'ONE')),
  },
  password: {
    what: 'Redis has another password',
    begin: ({ redis }) => redis?.changePassword('another word'),
    end: ({ redis }) => redis?.changePassword(redis.password),
  },
  loading: {
    what: 'Redis loads its data',
    begin: async ({ redis }) => {
      const fill = `for i = 1, ${loadedKeys} do redis.call('set', 'filler' .. i, string.rep('x', 1000)) end`
      await redis?.tell('EVAL', fill, '0')
      await redis?.tell('SAVE')
      await redis?.kill()
      await redis?.start('LOADING')
    },
    // It ends by itself.
    end: async ({ redis }) => {
      const isLoaded = async () => (await redis?.tell('PING').catch(() => ''))?.includes('PONG') ?? true
      await until(isLoaded, 60_000, () => 'Redis still loads')
    },
  },
  cutFromOne: {
    what: 'one node and Redis do not reach each other',
    begin: ({ redisLinks }) => redisLinks[0]?.silence(),
    end: ({ redisLinks }) => redisLinks[0]?.restore(),
  },
} satisfies Record<string, RedisFault>
