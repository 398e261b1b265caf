import { sql } from 'kysely'
import type { OwnEngine } from '../../../../../scripts/engines.mjs'
import type { Figures, Stage } from './cluster.ts'
import { catchUp } from './evidence.ts'
import type { Lengths } from './lengths.ts'
import type { Link } from './link.ts'
import type { Reader } from './reader.ts'
import { send } from './sender.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()

/** Does harm, waits, takes it back, and says what people saw meanwhile and how soon all was well again. */
const harm =
  ({ seconds }: Lengths, what: string, begin: () => unknown, end: () => unknown): Stage =>
  async ({ probes, installation, chat, note, nodes }) => {
    note(what)
    const from = now()
    await begin()
    const health = pause(seconds * 500).then(() => healthOf(nodes[0]?.origin ?? ''))
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
      serving_again_ms: probes.backAfter(ended),
      caught_up_ms: caughtUp,
      ...(await health),
    }
  }

async function healthOf(origin: string): Promise<Figures> {
  const status = (path: string) =>
    fetch(`${origin}${path}`, { signal: AbortSignal.timeout(5_000) }).then((r) => r.status)
  return { live: await status('/live').catch(() => 0), ready: await status('/ready').catch(() => 0) }
}

/** F8: the server of the database ends and is started again. */
export const stopDatabase = (lengths: Lengths, engine: OwnEngine, signal: NodeJS.Signals): Stage =>
  harm(
    lengths,
    `${signal} to the database`,
    () => engine.crash(signal),
    () => engine.restart(),
  )

/** F25: nothing passes between the instances and the database. */
export const partition = (lengths: Lengths, link: Link): Stage =>
  harm(
    lengths,
    'partition from the database',
    () => link.silence(),
    () => link.restore(),
  )

/** F10: each answer of the database comes half a second late. */
export const slowDatabase = (lengths: Lengths, link: Link): Stage =>
  harm(
    lengths,
    'the database is slow',
    () => {
      link.delayMs = 250
    },
    () => {
      link.delayMs = 0
    },
  )

/** F10: somebody holds the row that everybody in one conversation needs. */
export const holdHotRow =
  (lengths: Lengths): Stage =>
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
    return harm(lengths, 'a row that many need is locked', begin, end)(cluster)
  }

/** F12: so many write into the same conversation at once, again and again. */
export const hotWriters =
  ({ rounds }: Lengths, writers = 50): Stage =>
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
