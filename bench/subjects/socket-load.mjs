import { join } from 'node:path'
import { PinnedProcess } from '../harness/processes.mjs'

/** A load of its own for one server, with a socket for each of `people`; they stay until it is stopped. */
export async function connectAll({ name, port, speaks }, people, folder) {
  const load = new PinnedProcess(`load of ${name}`, {
    core: 'load',
    args: [join(import.meta.dirname, '../load/socket-load.mjs')],
    log: join(folder, `load-${port}-${people.length}.log`),
    talks: true,
  })
  const { problems, firstProblem } = await load.ask({ task: 'connect', port, speaks, people })
  if (problems) throw new Error(`${name}: sockets could not connect: ${firstProblem}`)
  return load
}
