import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { unprivilegedUser } from '../../scripts/engines/process.mjs'
import { missingPrograms } from '../../scripts/setup/programs.mjs'
import { PinnedProcess } from '../harness/processes.mjs'

const names = { postgres: 'PostgreSQL', mariadb: 'MariaDB', redis: 'Redis', nginx: 'nginx' }

/** Whether a private one can be started; tells what is missing if not. Nothing is installed for a measurement. */
export function isInstalled(kind, tell) {
  const isMissing = [...missingPrograms('engines'), ...missingPrograms('faults')].some(
    ({ name }) => name === names[kind],
  )
  if (isMissing) tell(`  left out: ${names[kind]} is not installed`)
  return !isMissing
}

/**
 * A private engine on the server's core and on the same disk as the SQLite files; each has a name of its own. `more` is
 * what this kind of engine has to be told.
 */
export async function startEngine(kind, folder, name = kind, more = undefined) {
  const home = join(folder, name)
  mkdirSync(home)
  const { uid, gid } = unprivilegedUser()
  if (uid !== undefined) for (const each of [folder, home]) chownSync(each, uid, gid)
  const host = new PinnedProcess(names[kind], {
    core: 'server',
    args: [join(import.meta.dirname, 'engine-host.mjs')],
    log: join(folder, `${name}.log`),
    talks: true,
  })
  const { url } = await host.ask({ kind, folder: home, more })
  const database = async (create) => {
    await host.ask({ create })
    return Object.assign(new URL(url), { pathname: `/${create}` }).href
  }
  return { pid: host.pid, url, database, stop: () => host.stop() }
}
