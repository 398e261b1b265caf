// `npm run bench`: Atrium against bare peers on this machine, in one run. bench/README.md says how and what for.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { newWorkFolder, root } from './harness/folders.mjs'
import { cores, PinnedProcess, stopAll } from './harness/processes.mjs'
import { conclude, told } from './harness/report.mjs'
import { patienceOf } from './harness/rounds.mjs'
import { authenticatedRead } from './workloads/authenticated-read.mjs'
import { coldStart } from './workloads/cold-start.mjs'
import { durableMessagePostgres, durableMessageSqlite } from './workloads/durable-message.mjs'
import { fanOut } from './workloads/fan-out.mjs'
import { files } from './workloads/files.mjs'
import { growthMariadb, growthPostgres, growthSqlite } from './workloads/growth.mjs'
import { growthPeople } from './workloads/growth-people.mjs'
import { growthRows } from './workloads/growth-rows.mjs'
import { growthSockets } from './workloads/growth-sockets.mjs'
import { liveMessage } from './workloads/live-message.mjs'
import { memory } from './workloads/memory.mjs'
import { signingIn } from './workloads/sign-in.mjs'
import { tablesPostgres, tablesSqlite } from './workloads/tables.mjs'
import { twoInstances } from './workloads/two-instances.mjs'
import { webApp } from './workloads/web-app.mjs'

const usage = `node bench/run.mjs [options]
  --only NAMES     which of p1, p2, p3, p4-sqlite, p4-postgres, p4-sockets,
                   p5-sqlite, p5-postgres, p6, p7, p8-sqlite, p8-postgres, p8-mariadb, p8-people, p8-rows, p8-sockets, p9, p10, files;
                   a comma list, p4, p5 and p8 for all of theirs (all but p8)
  --sockets LIST   p3 and p6: how many sockets (100,1000); p10: the least of them
  --sizes LIST     p8: messages in the history, ascending (1000,100000,10000000; MariaDB at most 1000000)
  --rows N         p5: rows of the table (1000000)
  --history N      p9: messages that are scrolled through (10000)
  --rounds N       rounds of each comparison, 5 or more for a result (5)
  --seconds N      length of one measurement (2)
  --patience N     for so many seconds it waits for a quiet machine and repeats disturbed measurements (300)
  --out FILE       where the JSON goes (a file in the folder for temporary files)
  --server FILE    main.js of the build to measure (packages/server/dist/main.js)
  --other FILE     main.js of a second build, measured in the same rounds
  --profile FOLDER write a CPU profile of each Atrium server there; slows it down`

const workloads = {
  p1: authenticatedRead,
  p2: signingIn,
  p3: fanOut,
  'p4-sqlite': durableMessageSqlite,
  'p4-postgres': durableMessagePostgres,
  'p4-sockets': liveMessage,
  'p5-sqlite': tablesSqlite,
  'p5-postgres': tablesPostgres,
  p6: memory,
  p7: coldStart,
  'p8-sqlite': growthSqlite,
  'p8-postgres': growthPostgres,
  'p8-mariadb': growthMariadb,
  'p8-people': growthPeople,
  'p8-rows': growthRows,
  'p8-sockets': growthSockets,
  p9: webApp,
  p10: twoInstances,
  files,
}
/** `p8` stands for all that begin with it. */
const group = (name) => Object.keys(workloads).filter((each) => each === name || each.startsWith(`${name}-`))
/** Writes ten million messages first: only when asked for. */
const large = group('p8')
const usual = Object.keys(workloads).filter((name) => !large.includes(name))

const tell = (line) => console.error(line)

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: usual.join() },
      sockets: { type: 'string', default: '100,1000' },
      sizes: { type: 'string', default: '1000,100000,10000000' },
      rows: { type: 'string', default: '1000000' },
      history: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      patience: { type: 'string', default: '300' },
      out: { type: 'string', default: join(tmpdir(), `atrium-bench-${Date.now()}.json`) },
      server: { type: 'string', default: join(root, 'packages/server/dist/main.js') },
      other: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const unknown = values.only.split(',').find((name) => group(name).length === 0)
  if (unknown !== undefined) throw new Error(`There is no workload ${unknown}.\n\n${usage}`)
  const names = values.only.split(',').flatMap(group)
  const numbers = Object.fromEntries(
    ['rows', 'history', 'rounds', 'seconds', 'patience'].map((name) => [name, Number(values[name])]),
  )
  if (Object.values(numbers).some((value) => !(value >= 0))) throw new Error(usage)
  const lists = Object.fromEntries(['sockets', 'sizes'].map((name) => [name, values[name].split(',').map(Number)]))
  const builds = [
    { name: 'Atrium', main: resolve(values.server) },
    ...(values.other ? [{ name: 'Atrium, other build', main: resolve(values.other) }] : []),
  ]
  const missing = builds.find(({ main }) => !existsSync(main))
  if (missing) throw new Error(`${missing.main} is not there; npm run build makes the server's.`)
  return { ...values, ...numbers, ...lists, names, builds }
}

async function run({ names, builds, sockets, sizes, rows, history, rounds, seconds, patience, profile, out }) {
  if (!cores) tell('Processes cannot be held to cores here: server and load share them, and ratios blur.')
  const folder = newWorkFolder()
  try {
    const load = new PinnedProcess('load', {
      core: 'load',
      args: [join(import.meta.dirname, 'load/http-load.mjs')],
      log: join(folder, 'load.log'),
      talks: true,
    })
    const options = {
      rounds,
      times: { warmSeconds: Math.min(1, seconds / 2), seconds },
      patience: patienceOf(patience),
    }
    const conclusions = []
    for (const name of names) {
      tell(`${name} …`)
      const measured = await workloads[name]({
        builds,
        folder,
        load,
        options,
        sockets,
        sizes,
        rows,
        history,
        profile: profile && resolve(profile),
        tell,
      })
      conclusions.push(...[measured].flat().map(conclude))
    }
    console.log(`\n${conclusions.map(told).join('\n')}`)
    const machine = { cores: availableParallelism(), pinned: cores ?? false, node: process.version }
    writeFileSync(out, JSON.stringify({ at: new Date().toISOString(), machine, rounds, seconds, conclusions }, null, 2))
    console.log(`Every round: ${out}`)
  } finally {
    await stopAll()
    rmSync(folder, { recursive: true, force: true })
  }
}

// What waits for one of them fails then, and the run cleans up as after any failure.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stopAll())
try {
  await run(readOptions())
} catch (error) {
  console.error(error.message)
  // What still asks whether a server is there would ask for ever.
  process.exit(1)
}
