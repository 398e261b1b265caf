import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { unprivilegedUser } from '../../scripts/engines/process.mjs'
import { missingPrograms } from '../../scripts/setup/programs.mjs'
import { PinnedProcess } from '../harness/processes.mjs'

/** Undefined when a private PostgreSQL can be started; else what is missing. Nothing is installed for a measurement. */
export function missingForPostgres() {
  const missing = missingPrograms('engines').filter(({ name }) => name.startsWith('Post'))
  return missing.length === 0 ? undefined : missing.map(({ name }) => name).join(', ')
}

/** A private PostgreSQL on the server's core and on the same disk as the SQLite files. */
export async function startPostgres(folder) {
  const home = join(folder, 'postgres')
  mkdirSync(home)
  const { uid, gid } = unprivilegedUser()
  if (uid !== undefined) for (const each of [folder, home]) chownSync(each, uid, gid)
  const host = new PinnedProcess('PostgreSQL', {
    core: 'server',
    args: [join(import.meta.dirname, 'postgres-host.mjs')],
    log: join(folder, 'postgres.log'),
    talks: true,
  })
  const { url } = await host.ask({ folder: home })
  const database = async (name) => {
    await host.ask({ create: name })
    return Object.assign(new URL(url), { pathname: `/${name}` }).href
  }
  return { pid: host.pid, database, stop: () => host.stop() }
}
