import { type RedisProcess, startRedis } from '../../redis-process.ts'
import { Chance } from './chance.ts'
import { Chat } from './chat.ts'
import { collectEvidence, type Findings } from './evidence.ts'
import { type Engine, Installation, type InstallationOptions } from './installation.ts'
import { Link } from './link.ts'
import type { Person } from './person.ts'
import { Probes } from './probes.ts'
import { Revocations } from './revocations.ts'
import type { ServerProcess } from './server-process.ts'
import { until } from './waiting.ts'

/** Instances behind nginx with Redis, people who talk through them, and what may be done to them. */
export interface Cluster {
  engine: Engine
  installation: Installation
  nodes: readonly ServerProcess[]
  redis: RedisProcess | undefined
  /** Each node's way to Redis. */
  redisLinks: readonly Link[]
  chat: Chat
  probes: Probes
  revocations: Revocations
  chance: Chance
  /** Writes into the history what was done. */
  note(what: string): void
  /** Resolves to the milliseconds until all clients were connected. */
  allConnected(): Promise<number>
}

export type Figures = Record<string, number>
/** One fault, done and undone. */
export type Stage = (cluster: Cluster) => Promise<Figures>

export interface ClusterFindings extends Findings {
  figures: Record<string, Figures>
  /** Sessions that were ended and are accepted at the end. */
  risen: number
}

export interface ClusterOptions extends InstallationOptions {
  engine: Engine
  stages: Readonly<Record<string, Stage>>
  withRedis?: boolean
  /** Sessions that the stages will end. */
  sessions?: number
  people?: number
  /** Of Redis. */
  redisSettings?: readonly string[]
}

const connectLimitMs = 30_000

/** Runs the faults one after the other while people talk, and compares at the end. */
export async function runCluster(options: ClusterOptions): Promise<ClusterFindings> {
  const { engine, stages, withRedis = engine !== 'sqlite', sessions = 0, people = 4, redisSettings, ...rest } = options
  const count = engine === 'sqlite' ? 1 : (rest.nodes ?? 2)
  const redis = withRedis ? await startRedis(redisSettings) : undefined
  const redisLinks: Link[] = []
  let installation: Installation | undefined
  let chat: Chat | undefined
  let probes: Probes | undefined
  try {
    for (let node = 0; redis && node < count; node++) redisLinks.push(await Link.to(redis.url))
    installation = await Installation.start(engine, {
      nodes: count,
      isFronted: true,
      ...rest,
      variablesOf: (node): Record<string, string> => ({
        ...(redis ? { REDIS_URL: redisLinks[node]?.url(redis.url) ?? '' } : {}),
        ...rest.variablesOf?.(node),
      }),
    })
    const { nodes, origin } = installation
    chat = await Chat.start(installation, { people, clientsPerPerson: 2, restMs: 300, retryMs: 300 })
    const [first] = chat.readers.map((reader) => reader.person) as [Person]
    const revocations = await Revocations.prepare(
      nodes.map((node) => node.origin),
      first.name,
      sessions,
    )
    probes = new Probes(origin, first)
    const { history, readers, conversations } = chat
    const cluster: Cluster = {
      ...{ engine, installation, nodes, redis, redisLinks, chat, probes, revocations },
      chance: new Chance('cluster'),
      note: (what) => history.note('nemesis', '', { op: 'nemesis', phase: 'ok', result: what }),
      allConnected: () =>
        until(
          () => readers.every(({ socket }) => socket.connected),
          connectLimitMs,
          () => 'not all clients came back',
        ),
    }
    const figures: Record<string, Figures> = {}
    await chat.during(async () => {
      for (const [name, stage] of Object.entries(stages)) figures[name] = await stage(cluster)
    })
    await probes.end()
    const findings = await collectEvidence(installation, history, readers, conversations)
    return { ...findings, figures, risen: await revocations.risen() }
  } finally {
    await probes?.end()
    chat?.close()
    await installation?.drop()
    for (const link of redisLinks) await link.close()
    await redis?.drop()
  }
}
