import { register, startAtrium } from '../subjects/atrium.mjs'
import { startBareFastify } from '../subjects/bare-fastify.mjs'

/** Each build with a data folder that was set up before, and bare Fastify beside them: how to start them once more. */
export async function restarted(builds, folder) {
  const starters = []
  let accounts
  for (const { name, main } of builds) {
    const first = await startAtrium({ name, main, folder })
    const people = await register(first.port, 1)
    accounts ??= people.map(({ account }) => account)
    await first.stop()
    starters.push({ name, start: () => startAtrium({ name, main, folder, dataDir: first.dataDir }) })
  }
  starters.push({ name: 'bare Fastify', start: () => startBareFastify('jose', accounts, folder) })
  return starters
}
