// Private PostgreSQL, MariaDB and Redis for tests: `node scripts/engines.mjs` starts them until Ctrl-C.
import { chownSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGalera } from './engines/galera.mjs'
import { startMariadb } from './engines/mariadb.mjs'
import { startNginx } from './engines/nginx.mjs'
import { askPostgres, startPostgres, startPostgresPair } from './engines/postgres.mjs'
import { Engine, unprivilegedUser } from './engines/process.mjs'
import { startRedis } from './engines/redis.mjs'
import { ensurePrograms } from './setup/packages.mjs'

const starters = { postgres: startPostgres, mariadb: startMariadb, redis: startRedis }

/** Memory where there is enough of it: the engines sync to disk as in production, which is slow on a real one. */
function roomyFolder() {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    if (bavail * bsize > 1024 ** 3) return '/dev/shm'
  } catch {
    // Not every system has it.
  }
  return tmpdir()
}

/** A folder that belongs to whom the engines run as. */
function newFolder() {
  const folder = mkdtempSync(join(roomyFolder(), 'atrium-engines-'))
  const { uid, gid } = unprivilegedUser()
  if (uid !== undefined) chownSync(folder, uid, gid)
  return folder
}

/**
 * One engine for a test that does harm to it: its URL, its folder, `signal`, `crash` and `restart` of the Engine, and `stop`, which
 * removes its data too.
 */
export async function startEngine(name, options = {}) {
  ensurePrograms(name === 'nginx' ? 'faults' : 'engines')
  const folder = newFolder()
  const engine = new Engine(name, folder)
  const stop = async () => {
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const url = await { ...starters, nginx: startNginx }[name](engine, options)
    return {
      url,
      folder: engine.folder,
      stop,
      signal: (signal) => engine.signal(signal),
      crash: (signal) => engine.crash(signal),
      restart: () => engine.restart(),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const groups = {
  galera: { names: ['node-1', 'node-2', 'node-3'], start: startGalera },
  postgres: { names: ['primary', 'standby'], start: startPostgresPair },
}

/**
 * Several servers with one database: 'galera', or 'postgres' for a primary and its synchronous standby. Each of the
 * `members` is what `startEngine` answers, but they are stopped together; `promote` makes a standby the primary.
 */
export async function startGroup(name) {
  ensurePrograms('engines')
  ensurePrograms('faults')
  const folder = newFolder()
  const { names, start } = groups[name]
  const engines = names.map((each) => new Engine(each, folder))
  const stop = async () => {
    await Promise.all(engines.map((engine) => engine.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const urls = await start(engines)
    const members = engines.map((engine, index) => ({
      url: urls[index],
      folder: engine.folder,
      signal: (signal) => engine.signal(signal),
      crash: (signal) => engine.crash(signal),
      restart: () => engine.restart(),
      promote: () => askPostgres(engine, urls[index], 'select pg_promote()'),
    }))
    return { members, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Starts the engines asked for, all at once, and waits until each answers. Returns { postgresUrl, mariadbUrl, redisUrl,
 * folder, stop }. They end with this process whatever ends it.
 */
export async function startEngines({ postgres = false, mariadb = false, redis = false } = {}) {
  ensurePrograms('engines')
  const folder = newFolder()
  const wanted = Object.entries({ postgres, mariadb, redis }).filter(([, isWanted]) => isWanted)
  const engines = wanted.map(([name]) => new Engine(name, folder))
  const stop = async () => {
    await Promise.all(engines.map((engine) => engine.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  const started = await Promise.allSettled(engines.map((engine) => starters[engine.name](engine)))
  const failure = started.find((result) => result.status === 'rejected')
  if (failure) {
    await stop()
    throw failure.reason
  }
  const urls = engines.map((engine, index) => [`${engine.name}Url`, started[index].value])
  return { ...Object.fromEntries(urls), folder, stop }
}

/** The variables under which tests and their authors find the engines that were started. */
export function engineVariables({ postgresUrl, mariadbUrl, redisUrl }) {
  const variables = {
    ATRIUM_TEST_POSTGRES: postgresUrl,
    ATRIUM_TEST_MARIADB: mariadbUrl,
    ATRIUM_TEST_REDIS: redisUrl,
  }
  return Object.fromEntries(Object.entries(variables).filter(([, url]) => url !== undefined))
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const signal = new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  try {
    const engines = await startEngines({ postgres: true, mariadb: true, redis: true })
    for (const [name, url] of Object.entries(engineVariables(engines))) console.log(`export ${name}='${url}'`)
    console.error('Engines are up; Ctrl-C stops them and removes their data.')
    // A pending promise alone does not keep the process; the engines' pipes do.
    await signal
    await engines.stop()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
