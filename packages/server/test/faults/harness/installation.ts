import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DatabaseHandle, openDatabase } from '../../../src/platform/db/database.ts'
import { parseDatabaseUrl } from '../../../src/platform/db/database-url.ts'
import type { Db } from '../../../src/platform/db/schema.ts'
import type { RunUnitOfWork } from '../../../src/platform/db/unit-of-work.ts'
import { createTestDatabase, type Engine, silent, type TestDatabase } from '../../databases.ts'
import { freePort, ServerProcess } from './server-process.ts'

/** ATRIUM_FAULT_ENGINES narrows them down. */
export const engines = (process.env.ATRIUM_FAULT_ENGINES ?? 'sqlite,postgres,mariadb').split(',') as Engine[]
export type { Engine }

/** The whole matrix; without it the part that is quick enough for every change. */
export const isFull = process.env.ATRIUM_FAULTS === 'full'

/** A fresh database and the server processes on it. */
export class Installation {
  readonly engine: Engine
  readonly nodes: readonly ServerProcess[]
  readonly #database: TestDatabase
  readonly #handle: DatabaseHandle

  private constructor(engine: Engine, nodes: readonly ServerProcess[], database: TestDatabase, handle: DatabaseHandle) {
    this.engine = engine
    this.nodes = nodes
    this.#database = database
    this.#handle = handle
  }

  /** Starts it; `broken` is a file of ../broken that the servers load first. One SQLite file has one server. */
  static async start(
    engine: Engine,
    options: { nodes?: number; broken?: string; variables?: Record<string, string> } = {},
  ): Promise<Installation> {
    const database = await createTestDatabase(engine)
    const url = database.url || `sqlite:///${join(database.dataDir, 'atrium.db')}`
    const ports = await Promise.all(Array.from({ length: engine === 'sqlite' ? 1 : (options.nodes ?? 1) }, freePort))
    const shared = {
      TESTING: 'true',
      RATE_LIMIT_PROFILE: 'off',
      LOG_LEVEL: 'warn',
      SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7',
      PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
      DATABASE_URL: url,
      ...options.variables,
    }
    const preloads = options.broken ? [new URL(`../broken/${options.broken}`, import.meta.url).href] : []
    const nodes = ports.map((port, index) => {
      const folder = join(database.dataDir, `node-${index + 1}`)
      mkdirSync(folder)
      return new ServerProcess(port, { ...shared, DATA_DIR: folder }, preloads)
    })
    try {
      await Promise.all(nodes.map((node) => node.start()))
      const handle = await openDatabase(parseDatabaseUrl(url, database.dataDir), { log: silent, poolSize: 2 })
      return new Installation(engine, nodes, database, handle)
    } catch (error) {
      await Promise.all(nodes.map((node) => node.kill()))
      await database.drop()
      throw error
    }
  }

  get db(): Db {
    return this.#handle.db
  }

  get unitOfWork(): RunUnitOfWork {
    return this.#handle.unitOfWork
  }

  get surprises(): string[] {
    return this.nodes.flatMap((node) => node.surprises)
  }

  async drop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()))
    await this.#handle.close()
    await this.#database.drop()
  }
}
