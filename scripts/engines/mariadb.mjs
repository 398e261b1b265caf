import { randomBytes } from 'node:crypto'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../setup/programs.mjs'
import { freePort, requireVersion } from './process.mjs'

export async function startMariadb(engine) {
  const data = join(engine.folder, 'data')
  await engine.run(findProgram('mariadb-install-db'), [
    ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    // Otherwise it creates an account for this machine's name.
    '--cross-bootstrap',
  ])
  const password = randomBytes(12).toString('hex')
  const accounts = join(engine.folder, 'accounts.sql')
  // Each statement must stand on one line. Without passwords only those stay who come by the socket in our folder.
  const statements = [
    `drop user if exists 'root'@'127.0.0.1', 'root'@'::1', ''@'localhost';`,
    `create or replace user 'atrium'@'127.0.0.1' identified by '${password}';`,
    `grant all privileges on *.* to 'atrium'@'127.0.0.1' with grant option;`,
  ]
  writeFileSync(accounts, `${statements.join('\n')}\n`, { mode: 0o600 })
  if (engine.user.uid !== undefined) chownSync(accounts, engine.user.uid, engine.user.gid)

  const port = await freePort()
  engine.start(findProgram('mariadbd'), [...serverArguments(engine, port), `--init-file=${accounts}`])
  const url = `mariadb://atrium:${password}@127.0.0.1:${port}/mysql`
  const version = await engine.answer(() => askMariadb(engine, url, 'select version()'))
  requireVersion('MariaDB', version.trim(), '10.11')
  return url
}

export const serverArguments = ({ folder }, port) => [
  ...['--no-defaults', `--datadir=${join(folder, 'data')}`, `--pid-file=${join(folder, 'pid')}`],
  ...['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(folder, 'socket')}`],
  // In /tmp, another server that starts beside this one would sweep its temporary tables away.
  `--tmpdir=${folder}`,
  // An account for 127.0.0.1 matches only when addresses are not turned into names.
  '--skip-name-resolve',
  ...['--character-set-server=utf8mb4', '--max-connections=200'],
]

/** What the client prints, one row a line. */
export function askMariadb(engine, url, statement) {
  const { port, username, password } = new URL(url)
  const client = ['--no-defaults', '-h', '127.0.0.1', '-P', port, '-u', username, '--protocol=tcp', '-N', '-B']
  return engine.run(findProgram('mariadb'), [...client, '-e', statement], { MYSQL_PWD: password })
}
