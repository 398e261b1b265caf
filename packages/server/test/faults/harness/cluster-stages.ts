import type { Cluster, Figures, Stage } from './cluster.ts'
import { catchUp, percentile } from './evidence.ts'
import type { Lengths } from './lengths.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()

const backInStep = ({ installation, chat }: Cluster) => catchUp(installation, chat.readers, chat.conversations)

/** What others saw of a fault that began at `from`. */
function seen({ probes, chat }: Cluster, from: number): Figures {
  const { asked, failed, refused, unanswered, p99Ms } = probes.figures(from)
  const gaps = chat.pushGaps(from)
  return {
    asked,
    failed,
    refused,
    unanswered,
    p99_ms: p99Ms,
    told: gaps.length,
    push_gap_p99_ms: percentile(gaps, 0.99),
    push_gap_ms: Math.max(0, ...gaps),
  }
}

/** F2: one of several is killed, its clients go to another, and it comes back. */
export const killOne =
  ({ rounds }: Lengths): Stage =>
  async (cluster) => {
    const { nodes, chance, note, allConnected } = cluster
    const from = now()
    const moved: number[] = []
    const caughtUp: number[] = []
    for (let round = 0; round < rounds; round++) {
      await pause(chance.between(500, 1500))
      const victim = chance.pick(nodes)
      note(`kill -9 ${victim.origin}`)
      await victim.kill()
      const killed = now()
      await pause(100)
      await allConnected()
      moved.push(now() - killed)
      await backInStep(cluster)
      caughtUp.push(now() - killed)
      await victim.start()
      note(`${victim.origin} is back`)
    }
    await pause(500)
    return { kills: rounds, moved_ms: Math.max(...moved), caught_up_ms: Math.max(...caughtUp), ...seen(cluster, from) }
  }

/** F3: each is stopped as an operator does and started again, in turn. */
export const rollingRestart =
  ({ rounds }: Lengths): Stage =>
  async (cluster) => {
    const { nodes, note, allConnected } = cluster
    const from = now()
    const stops: { code: number | null; ms: number }[] = []
    const ready: number[] = []
    for (let round = 0; round < rounds; round++) {
      for (const node of nodes) {
        note(`SIGTERM ${node.origin}`)
        stops.push(await node.stop())
        ready.push(await node.start())
        note(`${node.origin} is back`)
        await allConnected()
        await backInStep(cluster)
      }
    }
    return {
      restarts: stops.length,
      bad_exits: stops.filter(({ code }) => code !== 0).length,
      exit_ms: Math.max(...stops.map(({ ms }) => ms)),
      ready_ms: Math.max(...ready),
      ...seen(cluster, from),
    }
  }

/** F4: one is stopped in its tracks and goes on later as if nothing had been. */
export const holdOne =
  ({ seconds }: Lengths): Stage =>
  async (cluster) => {
    const { nodes, chance, note } = cluster
    const from = now()
    const victim = chance.pick(nodes)
    note(`SIGSTOP ${victim.origin}`)
    victim.hold()
    await pause(seconds * 1000)
    victim.resume()
    note(`SIGCONT ${victim.origin}`)
    const resumed = now()
    await cluster.allConnected()
    await backInStep(cluster)
    return { held_s: seconds, caught_up_ms: now() - resumed, ...seen(cluster, from) }
  }

/** Ends a session while all is well, for the bound of one second. */
export const revokeNow: Stage = async ({ revocations }) => {
  const { restMs, socketMs } = await revocations.revoke(0)
  return { refused_ms: restMs, closed_ms: socketMs }
}

interface RedisFault {
  what: string
  begin(cluster: Cluster): Promise<void> | void
  end(cluster: Cluster): Promise<void> | void
}

/** F5, F6, F7, F26: Redis is away, slow, full, wrong, or out of one node's reach. */
export const redisFault =
  ({ seconds }: Lengths, fault: RedisFault): Stage =>
  async (cluster) => {
    const { note, revocations, nodes } = cluster
    note(fault.what)
    const lines = nodes.map((node) => node.output.length)
    const from = now()
    await fault.begin(cluster)
    await pause(1_500)
    const revoked = await revocations.revoke(nodes.length - 1)
    await pause(Math.max(0, seconds * 1000 - (now() - from)))
    const figures = seen(cluster, from)
    await fault.end(cluster)
    const ended = now()
    note(`${fault.what}: over`)
    await hearEachOther(cluster)
    const warned = nodes.map((node, index) => node.output.slice(lines[index]).split('\n').filter(Boolean).length)
    return {
      lasted_s: seconds,
      refused_ms: revoked.restMs,
      closed_ms: revoked.socketMs,
      together_again_ms: now() - ended,
      log_lines_per_node: Math.max(...warned),
      ...figures,
    }
  }

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
  cutFromOne: {
    what: 'one node and Redis do not reach each other',
    begin: ({ redisLinks }) => redisLinks[0]?.silence(),
    end: ({ redisLinks }) => redisLinks[0]?.restore(),
  },
} satisfies Record<string, RedisFault>
