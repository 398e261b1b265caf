import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import type { Stage } from './harness/cluster.ts'
import { clusterRows } from './harness/cluster-rows.ts'
import { engines, Installation, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { converse, register } from './harness/person.ts'
import { seedMessages } from './harness/seed-messages.ts'
import { freePort, startInVain } from './harness/server-process.ts'
import { SmallDisk } from './harness/small-disk.ts'
import { pause } from './harness/waiting.ts'

const hasSmallDisks = SmallDisk.impossible() === undefined

/** Breaks the pages in its middle, as a bad disk does; its head is sound. */
function damage(file: string): void {
  const { size } = statSync(file)
  const handle = openSync(file, 'r+')
  for (let place = 4096; place < size; place += 4096) writeSync(handle, 'not a page of a database'.repeat(20), place)
  closeSync(handle)
}

describe.skipIf(!engines.includes('sqlite'))('one file', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'atrium-file-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  row(
    'F31',
    'sqlite',
    'a file in use, one that may not be written and one that is damaged are refused',
    async (tell) => {
      const database = join(folder, 'atrium.db')
      const start = async (file: string) =>
        startInVain({
          ...{ TESTING: 'true', LOG_LEVEL: 'warn', SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7' },
          ...{
            DATA_DIR: join(folder, randomUUID()),
            DATABASE_URL: `sqlite:///${file}`,
            PORT: String(await freePort()),
          },
        })
      const installation = await Installation.start('sqlite', { databaseFile: database })
      const second = await start(database)
      const [node] = installation.nodes
      await node?.stop()
      expect(installation.surprises).toEqual([])
      // With its last connection all that was written is in the file itself.
      await installation.drop()

      const disk = hasSmallDisks ? SmallDisk.make(16) : undefined
      let readOnly = second
      if (disk) {
        execFileSync('cp', [database, join(disk.path, 'atrium.db')])
        execFileSync('mount', ['-o', 'remount,ro', disk.path])
        readOnly = await start(join(disk.path, 'atrium.db'))
        execFileSync('mount', ['-o', 'remount,rw', disk.path])
        await disk.remove()
      }
      damage(database)
      const damaged = await start(database)

      const all = [second, readOnly, damaged]
      tell({
        starts: all.length,
        refused: all.filter(({ code }) => code !== 0).length,
        lines: Math.max(...all.map(({ said }) => said.trim().split('\n').length)),
        slowest_ms: Math.max(...all.map(({ ms }) => ms)),
      })
      expect(all.map(({ code }) => code)).toEqual([1, 1, 1])
      // The promise of the matrix; the short version tells no time.
      if (isFull) expect(Math.max(...all.map(({ ms }) => ms))).toBeLessThanOrEqual(2_000)
      expect(second.said).toMatch(/^Another Atrium server is using the database file \S+\. Stop it first, .+\n$/)
      if (disk) expect(readOnly.said).toMatch(/^The database file \S+ cannot be written \(\w+\)\.\n$/)
      expect(damaged.said).toMatch(
        /^The database file \S+ is damaged or no SQLite database\. Restore it from a backup\.\n$/,
      )
    },
  )

  let file = ''
  const megabytes = () => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) / 1024 ** 2

  /** F33: somebody reads one moment for long, so that what is written meanwhile cannot be put in its place. */
  const readLong =
    ({ seconds, messages }: { seconds: number; messages: number }): Stage =>
    async ({ probes, chat, note, installation }) => {
      if (messages > 0) {
        const [one, other] = [await register(installation.origin, 'one'), await register(installation.origin, 'other')]
        const conversationId = await converse(installation.origin, one, other)
        await seedMessages(installation, { conversationId, senderId: one.id, count: messages, newId })
        note(`${messages} messages of others are there`)
      }
      const reader = new SqliteDatabase(file, { readonly: true })
      const acknowledged = chat.history.count('ok')
      reader.exec('begin')
      reader.prepare('select count(*) from messages').get()
      note('a reader holds its view')
      const from = performance.now()
      await pause(seconds * 1000)
      const written = chat.history.count('ok') - acknowledged
      const wal = megabytes()
      const { p99Ms, failed, asked } = probes.figures(from)
      reader.close()
      // The next that writes begins the log anew.
      const growing = megabytes()
      await pause(3_000)
      const shrunk = megabytes()
      return {
        lasted_s: seconds,
        messages,
        written,
        asked,
        failed,
        p99_ms: p99Ms,
        wal_mb: Math.max(wal, growing),
        wal_after_mb: shrunk,
      }
    }
  clusterRows(
    'sqlite',
    () => {
      file = join(folder, `${randomUUID()}.db`)
      return { databaseFile: file }
    },
    {
      F33: {
        promise: 'one who reads for long keeps nobody waiting, and the log of writes stays bounded',
        full: readLong({ seconds: 600, messages: 1_000_000 }),
        quick: readLong({ seconds: 3, messages: 0 }),
        timeoutMs: 2_400_000,
        check: ({ failed, wal_mb, wal_after_mb, p99_ms }) => {
          expect.soft(failed).toBe(0)
          expect.soft(wal_mb).toBeLessThan(200)
          expect.soft(wal_after_mb).toBeLessThanOrEqual(64)
          if (isFull) expect.soft(p99_ms).toBeLessThan(50)
        },
      },
    },
  )
})
