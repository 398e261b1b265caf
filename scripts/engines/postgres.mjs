import { randomBytes } from 'node:crypto'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../setup/programs.mjs'
import { freePort, requireVersion } from './process.mjs'

/** A PostgreSQL; with PostGIS, its template database `atrium_postgis` already has the extension. */
export async function startPostgres(engine, { postgis = true } = {}) {
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(engine.folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (engine.user.uid !== undefined) chownSync(passwordFile, engine.user.uid, engine.user.gid)

  const data = join(engine.folder, 'data')
  const locale = process.platform === 'linux' ? ['--locale=C.UTF-8'] : []
  // --no-sync concerns only the making of the files; the server itself keeps fsync on.
  await engine.run(findProgram('initdb'), [
    ...['-D', data, '-U', 'atrium', '--encoding=UTF8', ...locale, '--no-sync'],
    ...['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`],
  ])
  const port = await freePort()
  startServer(engine, port)
  const url = (database) => `postgres://atrium:${password}@127.0.0.1:${port}/${database}`
  const query = (database, sql) => askPostgres(engine, url(database), sql)
  const version = await engine.answer(() => query('postgres', 'show server_version'))
  requireVersion('PostgreSQL', version.trim(), '15')
  if (postgis) {
    await query('postgres', 'create database atrium_postgis')
    await query('atrium_postgis', 'create extension postgis')
  }
  return url('postgres')
}

function startServer(engine, port) {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: engine.folder,
    max_connections: 200,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // INT is PostgreSQL's fast shutdown; TERM would wait for clients to leave.
  engine.start(findProgram('postgres'), ['-D', join(engine.folder, 'data'), ...args], 'INT')
}

/** What psql prints, one row a line. */
export const askPostgres = (engine, url, sql) =>
  engine.run(findProgram('psql'), [url, '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql])

/** A PostgreSQL, and a second one without which it confirms nothing; answers the URLs of both. */
export async function startPostgresPair([primary, standby]) {
  const first = await startPostgres(primary, { postgis: false })
  const data = join(standby.folder, 'data')
  await standby.run(findProgram('pg_basebackup'), [
    '-d',
    first,
    '-D',
    data,
    '-R',
    '-X',
    'stream',
    '-c',
    'fast',
    '--no-sync',
  ])
  const port = await freePort()
  startServer(standby, port)
  const second = new URL(first)
  second.port = String(port)
  await standby.answer(() => askPostgres(standby, second.href, 'select 1'))
  await askPostgres(primary, first, `alter system set synchronous_standby_names = '*'`)
  await askPostgres(primary, first, 'select pg_reload_conf()')
  await primary.answer(async () => {
    const state = await askPostgres(primary, first, 'select sync_state from pg_stat_replication')
    if (state.trim() !== 'sync') throw new Error(`the standby is ${state}`)
  })
  await primary.answer(() => askPostgres(primary, first, 'select 1'))
  return [first, second.href]
}
