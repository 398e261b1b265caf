import { randomUUID } from 'node:crypto'
import { chownSync, copyFileSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnEngine, startEngine } from '../../../../scripts/engines.mjs'
import { administer, type TestDatabase } from '../databases.ts'
import type { Figures } from './harness/cluster.ts'
import { clusterRows } from './harness/cluster-rows.ts'
import { fullDatabase, fullLog, fullUploads } from './harness/disk-stages.ts'
import { type Engine, engines, isFull } from './harness/installation.ts'
import { SmallDisk } from './harness/small-disk.ts'

const reason = SmallDisk.impossible()
it.skipIf(!reason)(`F13 is not run: ${reason}`, () => {})

/** Whatever is full: who reads notices nothing, who writes is told why, and it heals by itself. */
function expectHealed({ unclear, failed_reads, reads, healed_ms, unanswered = 0, sends = 0 }: Figures): void {
  expect.soft(unanswered).toBeLessThanOrEqual(sends * 0.02)
  expect.soft({ unclear, failed_reads }).toEqual({ unclear: 0, failed_reads: 0 })
  expect.soft(reads).toBeGreaterThan(5)
  expect.soft(healed_ms).toBeLessThan(10_000)
}

describe.skipIf(reason).each(isFull ? engines : engines.slice(0, 1))('full disks on %s', (engine) => {
  let disks: Record<'database' | 'files' | 'log', SmallDisk>
  let server: OwnEngine | undefined
  beforeAll(async () => {
    disks = { database: SmallDisk.make(96), files: SmallDisk.make(32), log: SmallDisk.make(2) }
    if (engine === 'postgres') server = await startEngine('postgres', { postgis: false })
    if (engine === 'mariadb') server = await startEngine('mariadb')
    if (server) await giveRoom(engine, server, disks.database)
  })
  afterAll(async () => {
    await server?.stop()
    await Promise.all(Object.values(disks ?? {}).map((disk) => disk.remove()))
  })

  let folder = ''
  let logFile = ''
  const installation = () => {
    const name = randomUUID()
    folder = join(disks.files.path, name)
    mkdirSync(folder)
    logFile = join(disks.log.path, `${name}.log`)
    return {
      nodes: 1,
      withRedis: false,
      logFile,
      variablesOf: () => ({ DATA_DIR: folder, LOG_LEVEL: 'info' }),
      databaseFile: join(disks.database.path, `${name}.db`),
      ...(server ? { databaseServer: server.url } : {}),
      prepareDatabase: (database: TestDatabase) => moveToDisk(engine, server, database, disks.database),
    }
  }
  const seconds = isFull ? 20 : 2
  clusterRows(engine, installation, {
    'F13 database': {
      promise: 'a full disk under the database refuses what is written, and nothing else',
      full: fullDatabase({ seconds }, () => disks.database),
      quick: fullDatabase({ seconds }, () => disks.database),
      check: (figures) => {
        expectHealed(figures)
        const { refused = 0, unclear_others, live, unsound, caught_up_ms } = figures
        expect.soft(refused).toBeGreaterThan(0)
        expect.soft({ unclear_others, live, unsound }).toEqual({ unclear_others: 0, live: 200, unsound: 0 })
        expect.soft(caught_up_ms).toBeLessThan(10_000)
      },
    },
    'F13 uploads': {
      promise: 'a full disk under the files refuses new ones, leaves nothing half, and serves those there are',
      full: fullUploads(
        { seconds },
        () => disks.files,
        () => folder,
      ),
      quick: fullUploads(
        { seconds },
        () => disks.files,
        () => folder,
      ),
      check: (figures) => {
        expectHealed(figures)
        const { files_unclear, files_lost, dangling_rows, picture_status, refused } = figures
        expect
          .soft({ files_unclear, files_lost, dangling_rows, picture_status, refused })
          .toEqual({ files_unclear: 0, files_lost: 0, dangling_rows: 0, picture_status: 200, refused: 0 })
        expect.soft(figures.files).toBeGreaterThan(4)
        expect.soft(figures.files_refused).toBeGreaterThan(2)
        expect.soft(figures.cleaned_ms).toBeLessThan(10_000)
      },
    },
    'F13 log': {
      promise: 'a full disk under the log stops nobody',
      full: fullLog(
        { seconds },
        () => disks.log,
        () => logFile,
      ),
      quick: fullLog(
        { seconds },
        () => disks.log,
        () => logFile,
      ),
      check: (figures) => {
        expectHealed(figures)
        expect.soft(figures).toMatchObject({ refused: 0, torn_lines: 0 })
      },
    },
  })
})

/** A folder on the disk that is the engine's. */
function folderFor(server: OwnEngine, disk: SmallDisk, name: string): string {
  const { uid, gid } = statSync(server.folder)
  const path = join(disk.path, name)
  mkdirSync(path)
  chownSync(path, uid, gid)
  return path
}

/** PostgreSQL: tables go to the small disk, its log of writes does not; without that it cannot live. */
async function giveRoom(engine: Engine, server: OwnEngine, disk: SmallDisk): Promise<void> {
  if (engine !== 'postgres') return
  const place = folderFor(server, disk, 'tables')
  await administer(engine, server.url, `create tablespace small location '${place}'`)
  await administer(engine, server.url, 'alter role atrium set default_tablespace = small')
}

/** MariaDB: the folder of the database is on the small disk, and its log of writes is not. */
async function moveToDisk(engine: Engine, server: OwnEngine | undefined, { url }: TestDatabase, disk: SmallDisk) {
  if (engine !== 'mariadb' || !server) return
  const name = new URL(url).pathname.slice(1)
  const [from, to] = [join(server.folder, 'data', name), folderFor(server, disk, name)]
  const owner = statSync(server.folder)
  for (const file of readdirSync(from)) {
    copyFileSync(join(from, file), join(to, file))
    chownSync(join(to, file), owner.uid, owner.gid)
    rmSync(join(from, file))
  }
  rmdirSync(from)
  symlinkSync(to, from)
}
