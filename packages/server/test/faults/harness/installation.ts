import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { type OwnEngine, startEngine } from '../../../../../scripts/engines.mjs'
import { type DatabaseHandle, openDatabase } from '../../../src/platform/db/database.ts'
import { parseDatabaseUrl } from '../../../src/platform/db/database-url.ts'
import type { Db } from '../../../src/platform/db/schema.ts'
import type { RunUnitOfWork } from '../../../src/platform/db/unit-of-work.ts'
import { createTestDatabase, type Engine, silent, type TestDatabase } from '../../databases.ts'
import { freePort, type ProcessLimits, ServerProcess } from './server-process.ts'

/** ATRIUM_FAULT_ENGINES narrows them down. */
export const engines = (process.env.ATRIUM_FAULT_ENGINES ?? 'sqlite,postgres,mariadb').split(',') as Engine[]
export type { Engine }

/** Those that several instances can share: one SQLite file has one server. */
export const shared = engines.filter((engine) => engine !== 'sqlite')

/** A suite for each of these; one that is skipped where there is none, as a file without any suite fails. */
export const suiteOn = (some: readonly Engine[]) =>
  some.length > 0 ? describe.each(some) : describe.skip.each<Engine>(['postgres'])

/** The whole matrix; without it the part that is quick enough for every change. */
export const isFull = process.env.ATRIUM_FAULTS === 'full'

export interface InstallationOptions {
  nodes?: number
  /** A file of ../broken that the servers load first. */
  broken?: string
  variables?: Record<string, string>
  /** Variables of one node alone. */
  variablesOf?: (node: number) => Record<string, string>
  /** With nginx in front of the nodes. */
  isFronted?: boolean
  /** The database server, where it is another one than the run's. */
  databaseServer?: string
  /** The same database by the names of all its servers. */
  listed?: (url: string) => string
  /** Its server is no more when the run is over. */
  losesDatabase?: boolean
  /** The way of a node to the database. */
  wayToDatabase?: (url: string) => string
  /** Where SQLite keeps its file. */
  databaseFile?: string
  /** Called with the empty database. */
  prepareDatabase?: (database: TestDatabase) => Promise<void>
  /** Where the log of the servers goes. */
  logFile?: string
  limits?: ProcessLimits
}

/** A fresh database and the server processes on it. */
export class Installation {
  readonly engine: Engine
  readonly nodes: readonly ServerProcess[]
  /** Where clients go: nginx, or the first node. */
  readonly origin: string
  readonly #database: TestDatabase
  readonly #handle: DatabaseHandle
  readonly #front: OwnEngine | undefined

  private constructor(
    engine: Engine,
    nodes: readonly ServerProcess[],
    database: TestDatabase,
    handle: DatabaseHandle,
    front: OwnEngine | undefined,
  ) {
    this.engine = engine
    this.nodes = nodes
    this.origin = front?.url ?? nodes[0]?.origin ?? ''
    this.#database = database
    this.#handle = handle
    this.#front = front
  }

  /** Starts it. One SQLite file has one server. */
  static async start(engine: Engine, options: InstallationOptions = {}): Promise<Installation> {
    const database = await createTestDatabase(engine, options.databaseServer)
    await options.prepareDatabase?.(database)
    const own = database.url || `sqlite:///${options.databaseFile ?? join(database.dataDir, 'atrium.db')}`
    const url = options.listed?.(own) ?? own
    if (options.losesDatabase) database.drop = async () => rmSync(database.dataDir, { recursive: true, force: true })
    const ports = await Promise.all(Array.from({ length: engine === 'sqlite' ? 1 : (options.nodes ?? 1) }, freePort))
    let front: OwnEngine | undefined
    let nodes: ServerProcess[] = []
    try {
      const targets = ports.map((port) => `http://127.0.0.1:${port}`)
      if (options.isFronted) front = await startEngine('nginx', { targets })
      const shared = {
        TESTING: 'true',
        RATE_LIMIT_PROFILE: 'off',
        LOG_LEVEL: 'warn',
        SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7',
        PUBLIC_URL: front?.url ?? targets[0] ?? '',
        ...(front ? { TRUSTED_PROXIES: '127.0.0.1' } : {}),
        DATABASE_URL: options.wayToDatabase?.(url) ?? url,
        ...options.variables,
      }
      const preloads = options.broken ? [new URL(`../broken/${options.broken}`, import.meta.url).href] : []
      nodes = ports.map((port, index) => {
        const folder = join(database.dataDir, `node-${index + 1}`)
        mkdirSync(folder)
        const variables = { ...shared, DATA_DIR: folder, ...options.variablesOf?.(index) }
        return new ServerProcess(port, variables, preloads, options)
      })
      await Promise.all(nodes.map((node) => node.start()))
      const handle = await openDatabase(parseDatabaseUrl(url, database.dataDir), { log: silent, poolSize: 2 })
      return new Installation(engine, nodes, database, handle, front)
    } catch (error) {
      await Promise.all([front?.stop(), ...nodes.map((node) => node.kill())])
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

  /** Without time limits. */
  patiently<T>(work: (session: Db) => Promise<T>): Promise<T> {
    return this.#handle.migrationSession(work)
  }

  get surprises(): string[] {
    return this.nodes.flatMap((node) => node.surprises)
  }

  async drop(): Promise<void> {
    await Promise.all([this.#front?.stop(), ...this.nodes.map((node) => node.kill())])
    await this.#handle.close()
    await this.#database.drop()
  }
}
