// P2: what signing in costs beside the hash of the password, and what others notice while many sign in.
import { join } from 'node:path'
import { PinnedProcess } from '../harness/processes.mjs'
import { inTurn, sorted, spread } from '../harness/rounds.mjs'
import { register, signIn, startAtrium } from '../subjects/atrium.mjs'
import { measure } from './measure.mjs'

const times = 15
/** Before anything is measured: what is compiled at the first sign-ins belongs to none. */
const warming = 20
const peopleCount = 64
const atOnce = 200
/** Few, so that reading alone leaves the server time: a loop that is full has a queue, whoever else is there. */
const connections = 4

export async function signingIn({ builds, folder, load, options, tell }) {
  return [await besideTheHash(builds, folder, options, tell), await besideReaders(builds, folder, load, options, tell)]
}

const hashOnly = 'the hash alone'

async function besideTheHash(builds, folder, options, tell) {
  const hasher = new PinnedProcess(hashOnly, {
    core: 'server',
    args: [join(import.meta.dirname, '../peers/password-hash.mjs')],
    log: join(folder, 'hash.log'),
    talks: true,
  })
  const subjects = [{ name: hashOnly, measure: async () => timesOf(await hasher.ask({ times })) }]
  const servers = []
  for (const { name, main } of builds) {
    const server = await startAtrium({ name, main, folder })
    const [person] = await register(server.port, 1)
    servers.push(server)
    await signInAgainAndAgain(server.port, person, warming)
    subjects.push({ name, measure: async () => timesOf(await signInAgainAndAgain(server.port, person, times)) })
  }
  const results = await inTurn(subjects, { ...options, tell, of: 'p50', unit: ' ms' })
  await Promise.all([hasher, ...servers].map((each) => each.stop()))
  return {
    id: 'P2',
    title: 'signing in with a password, one after the other, SQLite',
    results,
    columns: { p50: 'p50 ms, median (min–max)', most: 'slowest ms' },
    references: [hashOnly],
    target: { reference: hashOnly, of: 'p50', atMost: 1.15 },
  }
}

async function signInAgainAndAgain(port, person, count) {
  const latencies = []
  for (let time = 0; time < count; time++) {
    const began = performance.now()
    await signIn(port, person)
    latencies.push(performance.now() - began)
  }
  return latencies
}

function timesOf(latencies) {
  const { median, max } = spread(latencies)
  return { p50: median, most: max, latencies: sorted(latencies) }
}

/** Not held to a core, as the hash takes another one than the loop; reading has the load's. */
async function besideReaders(builds, folder, load, options, tell) {
  const [{ name, main }] = builds
  const server = await startAtrium({ name, main, folder, core: 'any' })
  // An account tells when somebody last signed in: those who read are others than those who sign in.
  const everybody = await register(server.port, 2 * peopleCount)
  const [people, others] = [everybody.slice(peopleCount), everybody.slice(0, peopleCount)]
  const job = { script: 'readOwnAccount', connections, ...options.times, port: server.port, people }
  const read = (what) => measure(what, [server.pid], load, job)
  const [calm, stormy] = ['nobody signs in', `${atOnce} sign in`]
  const subjects = [
    { name: calm, measure: () => read(calm) },
    {
      name: stormy,
      measure: async () => {
        const storm = signInAtOnce(server.port, others)
        try {
          return await read(stormy)
        } finally {
          await storm.end()
        }
      },
    },
  ]
  const results = await inTurn(subjects, { ...options, tell, of: 'p99', unit: ' ms' })
  await server.stop()
  return {
    id: 'P2',
    title: `reading one's own account over ${connections} connections, while others sign in, both cores for all`,
    results,
    references: [calm],
    target: { reference: calm, of: 'p99', atMost: 2 },
  }
}

/** So many sign in again and again; who is told to come back later does. */
function signInAtOnce(port, people) {
  let isOver = false
  const one = async (index) => {
    while (!isOver) {
      const isIn = await signIn(port, people[index % people.length]).then(
        () => true,
        ({ message }) => {
          if (!/answered (503|429)/.test(message)) throw new Error(message)
          return false
        },
      )
      // As the answer's Retry-After asks for.
      if (!isIn) await new Promise((resolve) => setTimeout(resolve, 2_000))
    }
  }
  const all = Promise.all(Array.from({ length: atOnce }, (_, index) => one(index)))
  all.catch(() => {})
  const end = () => {
    isOver = true
    return all
  }
  return { end }
}
