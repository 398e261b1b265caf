import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { picture } from '../../pictures.ts'
import type { Cluster, Figures, Stage } from './cluster.ts'
import { catchUp } from './evidence.ts'
import { ask } from './person.ts'
import type { Reader } from './reader.ts'
import type { SmallDisk } from './small-disk.ts'
import { compareWithFolder, Uploader } from './uploader.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()
const healLimitMs = 20_000
const never = Number.POSITIVE_INFINITY
const mebibyte = 1024 * 1024

interface Lasting {
  seconds: number
}

export const isClear = (refusal: string) => /^(507 disk_full|503 (unavailable|busy))$/.test(refusal)

/** What became of the messages that were sent between two times, and of those who only read. */
export function seen({ chat, probes }: Cluster, from: number, to: number): Figures {
  const lines = chat.history.lines.filter(({ op, t }) => op === 'send' && t >= from && t <= to)
  const refusals = lines.flatMap((line) =>
    line.op === 'send' && (line.phase === 'info' || line.phase === 'fail') ? [line.result] : [],
  )
  const unanswered = refusals.filter((each) => /timed out|timeout/i.test(each))
  const unclear = refusals.filter((each) => !isClear(each) && !unanswered.includes(each))
  for (const each of new Set(unclear)) console.log(`no clear refusal: ${each}`)
  const reads = probes.figures(from, to)
  for (const complaint of probes.complaints(from).slice(0, 5)) console.log(`not served: ${complaint}`)
  return {
    sends: lines.filter(({ phase }) => phase !== 'invoke').length,
    refused: refusals.length - unanswered.length,
    // Within the patience of the client, five seconds.
    unanswered: unanswered.length,
    unclear: unclear.length,
    acknowledged: lines.filter(({ phase }) => phase === 'ok').length,
    reads: reads.asked,
    failed_reads: reads.failed,
    reads_p99_ms: reads.p99Ms,
  }
}

/** The first message that was acknowledged after this time, in milliseconds from then. */
const sentAgain = ({ chat }: Cluster, since: number): Promise<number> =>
  until(
    () => chat.history.lines.some(({ op, phase, t }) => op === 'send' && phase === 'ok' && t >= since),
    healLimitMs,
    () => 'nothing is taken again',
  ).catch(() => never)

const wasRefused = ({ chat }: Cluster, since: number) =>
  chat.history.lines.some((line) => line.op === 'send' && line.t >= since && String(line.result).startsWith('507'))

/** F13: where the database is, there is no room for one more row. */
export const fullDatabase =
  ({ seconds }: Lasting, disk: () => SmallDisk): Stage =>
  async (cluster) => {
    const { installation, chat, note, nodes } = cluster
    const { origin } = installation
    const [{ person }] = chat.readers as [Reader]
    note('the disk of the database is full')
    const from = now()
    const { others, live } = await disk().whileFull(async () => {
      await until(
        () => wasRefused(cluster, from),
        60_000,
        () => 'a full disk takes all that is sent',
      )
      const login = { identifier: person.name, password: 'a quiet harbour at dawn', token_delivery: 'body' }
      const others = [
        await ask(origin, '/auth/login', { body: login }),
        await ask(origin, '/places', { token: person.token, body: place }),
      ]
      const { status } = await fetch(`${nodes[0]?.origin}/live`)
      await pause(seconds * 1000)
      return { others, live: status }
    })
    const over = now()
    note('there is room again')
    const freed = now()
    const healed = await sentAgain(cluster, freed)
    const caughtUp = await catchUp(installation, chat.readers, chat.conversations)
    return {
      lasted_s: seconds,
      ...seen(cluster, from, over),
      unclear_others: others.filter(({ status, json }) => status >= 300 && !isClear(`${status} ${json.code}`)).length,
      live,
      healed_ms: healed,
      caught_up_ms: caughtUp,
      unsound: (await integrity(cluster)) === 'ok' ? 0 : 1,
    }
  }

const place = { name: 'Harbour', category: 'port', geometry: { type: 'Point', coordinates: [8.8, 53.1] } }

async function integrity({ engine, installation }: Cluster): Promise<string> {
  if (engine !== 'sqlite') return 'ok'
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(installation.db)
  return rows.map((row) => row.integrity_check).join('; ')
}

/** F13: where files are kept, there is room for half of one, and then for nothing. */
export const fullUploads =
  ({ seconds }: Lasting, disk: () => SmallDisk, folder: () => string): Stage =>
  async (cluster) => {
    const { installation, chat, note, nodes } = cluster
    const [{ person }] = chat.readers as [Reader]
    // Not by the proxy, which has its own idea of how large a body may be.
    const uploader = new Uploader(nodes[0]?.origin ?? '', person)
    for (const size of [10, 10_000, 2 * mebibyte]) await uploader.send(size)
    await uploader.send(await picture(300, 200), 'picture.png')
    const pictureId = uploader.acknowledged.at(-1)?.id ?? ''
    const resumed = randomBytes(3 * mebibyte)
    const path = await uploader.begin(resumed.length)

    note('the disk of files is nearly full')
    const from = now()
    disk().fill(mebibyte + mebibyte / 2)
    await uploader.goOn(path, resumed)
    for (const end = now() + seconds * 500; now() < end; ) {
      await uploader.send(4 * mebibyte)
      await uploader.send(50_000)
    }
    note('the disk of files is full')
    disk().fill()
    for (const end = now() + seconds * 500; now() < end; ) await uploader.send(50_000)
    const lostMeanwhile = await uploader.lost()
    const pictureStatus = await uploader.variant(pictureId, 128)
    const over = now()

    disk().free()
    note('there is room again')
    const freed = now()
    const healed = await until(
      () => uploader.send(50_000),
      healLimitMs,
      () => 'no file is taken again',
    ).catch(() => never)
    await uploader.goOn(path, resumed)
    const files = join(folder(), 'files')
    let found = await compareWithFolder(installation.db, files)
    const cleaned = await until(
      async () => {
        found = await compareWithFolder(installation.db, files)
        return found.stray.length === 0
      },
      healLimitMs,
      () => `these belong to no file: ${found.stray}`,
    ).catch((error) => {
      console.log(String(error))
      return never
    })
    const unclear = uploader.refusals.filter((each) => !isClear(each))
    for (const each of new Set(unclear)) console.log(`no clear refusal: ${each}`)
    const lost = [...lostMeanwhile, ...(await uploader.lost())]
    for (const each of lost) console.log(`lost: ${each}`)
    return {
      lasted_s: seconds,
      files: uploader.acknowledged.length,
      files_refused: uploader.refusals.length,
      files_unclear: unclear.length,
      files_lost: lost.length,
      dangling_rows: found.dangling,
      picture_status: pictureStatus,
      healed_ms: healed,
      cleaned_ms: cleaned,
      ran_ms: freed - from,
      ...seen(cluster, from, over),
    }
  }

/** F13: no line of the log can be written. */
export const fullLog =
  ({ seconds }: Lasting, disk: () => SmallDisk, file: () => string): Stage =>
  async (cluster) => {
    const { note, nodes } = cluster
    note('the disk of the log is full')
    const from = now()
    const written = await disk().whileFull(async () => {
      const size = statSync(file()).size
      // A refused request is worth a line, whatever the level.
      for (const end = now() + seconds * 1000; now() < end; await pause(20)) await askForNothing(nodes[0]?.origin ?? '')
      return statSync(file()).size - size
    })
    const over = now()
    note('there is room again')
    const full = statSync(file()).size
    const healed = await until(
      async () => {
        await askForNothing(nodes[0]?.origin ?? '')
        return statSync(file()).size > full
      },
      healLimitMs,
      () => 'nothing is logged again',
    ).catch(() => never)
    const lines = readFileSync(file(), 'utf8')
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
    const torn = lines.filter((line) => !isJson(line))
    return { lasted_s: seconds, ...seen(cluster, from, over), written, healed_ms: healed, torn_lines: torn.length }
  }

async function askForNothing(origin: string): Promise<void> {
  const response = await fetch(`${origin}/api/v1/nothing?${'x'.repeat(500)}`)
  await response.arrayBuffer()
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
