// A process that migrates a database, for tests that need several of them or need one to die: url, data folder, options.
import type { KyselyPlugin } from 'kysely'
import { openDatabase } from '../../src/platform/db/database.ts'
import { parseDatabaseUrl } from '../../src/platform/db/database-url.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { migrations } from '../../src/platform/db/migrations/index.ts'
import { createLogger } from '../../src/platform/log.ts'

const [url = '', dataDir = '', options = '{}'] = process.argv.slice(2)
interface Options {
  /** Goes as far as this migration, … */
  until?: string
  /** … and dies at its n-th statement: before it is sent, or just after. */
  dieAt?: number
  sent?: boolean
  /** Stays, as a server does. */
  stay?: boolean
}

const { until, dieAt, sent, stay = false } = JSON.parse(options) as Options

function mortality(): KyselyPlugin {
  let statements = 0
  const die = () => process.kill(process.pid, 'SIGKILL')
  return {
    transformQuery({ node }) {
      statements++
      if (statements === dieAt) sent ? setImmediate(die) : die()
      return node
    },
    transformResult: async ({ result }) => result,
  }
}

const wanted = Object.entries(migrations).filter(([name]) => !until || name <= until)
const mortal = wanted.map(([name, { up }]) => [
  name,
  name === until ? { up: ((db, dialect) => up(db.withPlugin(mortality()), dialect)) as typeof up } : { up },
])

try {
  const log = createLogger({ level: 'silent' })
  const handle = await openDatabase(parseDatabaseUrl(url, dataDir), { log, serverLock: stay })
  const applied = await migrate(handle, Object.fromEntries(mortal))
  console.log(JSON.stringify(applied))
  if (stay) setInterval(() => globalThis.gc?.(), 20)
  else await handle.close()
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
