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
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: engine.folder,
    max_connections: 200,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // INT is PostgreSQL's fast shutdown; TERM would wait for clients to leave.
  engine.start(findProgram('postgres'), ['-D', data, ...args], 'INT')

  const url = (database) => `postgres://atrium:${password}@127.0.0.1:${port}/${database}`
  const query = (database, sql) =>
    engine.run(findProgram('psql'), [url(database), '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql])
  const version = await engine.answer(() => query('postgres', 'show server_version'))
  requireVersion('PostgreSQL', version.trim(), '15')
  if (postgis) {
    await query('postgres', 'create database atrium_postgis')
    await query('atrium_postgis', 'create extension postgis')
  }
  return url('postgres')
}
