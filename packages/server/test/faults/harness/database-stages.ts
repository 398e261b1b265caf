import { sql } from 'kysely'
import type { OwnEngine } from '../../../../../scripts/engines.mjs'
import type { Figures, Stage } from './cluster.ts'
import { takeConnections } from './connections.ts'
import { catchUp, percentile } from './evidence.ts'
import type { Link } from './link.ts'
import type { Reader } from './reader.ts'
import { send } from './sender.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()

interface Lasting {
  seconds: number
}

/** Does harm, waits, takes it back, and says what people saw meanwhile and how soon all was well again. */
const harm =
  ({ seconds }: Lasting, what: string, begin: () => unknown, end: () => unknown): Stage =>
  async ({ probes, installation, chat, note, nodes }) => {
    note(what)
    const from = now()
    await begin()
    const health = pause(seconds * 500).then(() => healthOf(nodes[0]?.origin ?? ''))
    const others = askOthers(installation.origin, seconds)
    const queue = longestQueue(
      nodes.map(({ origin }) => origin),
      seconds,
    )
    await pause(seconds * 1000)
    const over = now()
    await end()
    const ended = now()
    note(`${what}: over`)
    await until(
      () => probes.backAfter(ended) < Number.POSITIVE_INFINITY,
      20_000,
      () => 'nobody is served again',
    ).catch(() => {})
    const caughtUp = await catchUp(installation, chat.readers, chat.conversations)
    const { asked, failed, refused, unanswered, slowestMs, slowestRefusalMs, p99Ms } = probes.figures(from, over)
    return {
      lasted_s: seconds,
      asked,
      refused,
      unanswered,
      other_errors: failed - refused - unanswered,
      p99_ms: p99Ms,
      slowest_ms: slowestMs,
      slowest_refusal_ms: slowestRefusalMs,
      others_p99_ms: percentile(await others, 0.99),
      serving_again_ms: probes.backAfter(ended),
      caught_up_ms: caughtUp,
      ...(await health),
      ...(await queue),
    }
  }

/** Milliseconds of requests that need no database: they are served as ever. */
async function askOthers(origin: string, seconds: number): Promise<number[]> {
  const times: number[] = []
  for (const end = now() + seconds * 1000; now() < end; await pause(100)) {
    const asked = now()
    const response = await fetch(`${origin}/live`).catch(() => undefined)
    await response?.arrayBuffer()
    times.push(response?.ok ? now() - asked : Number.POSITIVE_INFINITY)
  }
  return times
}

/** The most that waited for a connection of one instance at a time, and how many connections it may have. */
async function longestQueue(origins: readonly string[], seconds: number): Promise<Figures> {
  const found = { queue_most: 0, pool: 0 }
  const look = async (origin: string) => {
    const text = await fetch(`${origin}/metrics`).then((answer) => answer.text())
    const of = (name: string) => Number(new RegExp(`^\\w*${name} (\\d+)`, 'm').exec(text)?.[1])
    found.queue_most = Math.max(found.queue_most, of('db_pool_waiting'))
    found.pool = of('db_pool_max')
  }
  for (const end = now() + seconds * 1000; now() < end; await pause(200))
    await Promise.all(origins.map((origin) => look(origin).catch(() => {})))
  return found
}

async function healthOf(origin: string): Promise<Figures> {
  const status = (path: string) =>
    fetch(`${origin}${path}`, { signal: AbortSignal.timeout(5_000) }).then((r) => r.status)
  return { live: await status('/live').catch(() => 0), ready: await status('/ready').catch(() => 0) }
}

/** F8: the server of the database ends and is started again. */
export const stopDatabase = (lasting: Lasting, engine: () => OwnEngine, signal: NodeJS.Signals): Stage =>
  harm(
    lasting,
    `${signal} to the database`,
    () => engine().crash(signal),
    () => engine().restart(),
  )

/** F25: nothing passes between the instances and the database. */
export const partition = (lasting: Lasting, link: () => Link): Stage =>
  harm(
    lasting,
    'partition from the database',
    () => link().silence(),
    () => link().restore(),
  )

/** F11: others have every connection there is. */
export const takeAllConnections = (lasting: Lasting, url: () => string): Stage => {
  let taken: Awaited<ReturnType<typeof takeConnections>> | undefined
  return harm(
    lasting,
    'all connections are taken',
    async () => {
      taken = await takeConnections(url())
    },
    () => taken?.release(),
  )
}

/** F10: each answer of the database comes half a second late. */
export const slowDatabase = (lasting: Lasting, link: () => Link): Stage =>
  harm(
    lasting,
    'the database is slow',
    () => {
      link().delayMs = 250
    },
    () => {
      link().delayMs = 0
    },
  )

/** F10: somebody holds the row that everybody in one conversation needs. */
export const holdHotRow =
  (lasting: Lasting): Stage =>
  async (cluster) => {
    const { installation, chat } = cluster
    let letGo = () => {}
    let held: Promise<unknown> = Promise.resolve()
    const begin = () =>
      new Promise<void>((isLocked) => {
        held = installation
          .unitOfWork(async ({ tx }) => {
            const conversation = chat.conversations[0] ?? ''
            await tx
              .updateTable('streams')
              .set({ head: sql`head` })
              .where('id', '=', `conversation:${conversation}`)
              .execute()
            isLocked()
            await new Promise<void>((done) => {
              letGo = done
            })
          })
          .catch(() => {})
      })
    const end = async () => {
      letGo()
      await held
    }
    const figures = await harm(lasting, 'a row that many need is locked', begin, end)(cluster)
    // Who does not need the row: everybody who reads.
    return { ...figures, others_p99_ms: Math.max(figures.others_p99_ms ?? 0, figures.p99_ms ?? 0) }
  }

/** F12: so many write into the same conversation at once, again and again. */
export const hotWriters =
  ({ rounds, writers = 50 }: { rounds: number; writers?: number }): Stage =>
  async ({ installation, chat }) => {
    const [conversation_id = ''] = chat.conversations
    const members = chat.readers.filter((reader) => reader.holds(conversation_id))
    const from = now()
    let first = 0
    let tries = 0
    const write = async (round: number, writer: number) => {
      const reader = members[writer % members.length] as Reader
      const draft = { conversation_id, client_id: `hot-${round}-${writer}`, text: `writer ${writer}` }
      for (let attempt = 1; attempt <= 20; attempt++) {
        tries++
        const { phase } = await send(chat.history, reader, 'rest', draft, installation.origin)
        if (phase === 'ok' && attempt === 1) first++
        if (phase === 'ok') return
        await pause(500)
      }
    }
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: writers }, (_, writer) => write(round, writer)))
    }
    const asked = rounds * writers
    return { writers, asked, first_try_percent: (100 * first) / asked, tries, took_ms: now() - from }
  }
