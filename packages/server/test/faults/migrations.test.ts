import { describe, expect } from 'vitest'
import { openDatabase } from '../../src/platform/db/database.ts'
import { parseDatabaseUrl } from '../../src/platform/db/database-url.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { migrations } from '../../src/platform/db/migrations/index.ts'
import { createTestDatabase, type Engine, silent, type TestDatabase } from '../databases.ts'
import { migrateElsewhere, schemaOf } from '../migrating.ts'
import { Chance } from './harness/chance.ts'
import { engines, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'

const names = Object.keys(migrations).sort()
const open = ({ url, dataDir }: TestDatabase) => openDatabase(parseDatabaseUrl(url, dataDir), { log: silent })

/** The schema of a database that nothing happened to. */
async function freshSchema(engine: Engine): Promise<unknown> {
  const database = await createTestDatabase(engine)
  const handle = await open(database)
  try {
    await migrate(handle)
    return await schemaOf(handle, engine)
  } finally {
    await handle.close()
    await database.drop()
  }
}

// platform/db/migrate.test.ts dies at every statement, one process at a time.
describe.each(engines)('%s', (engine) => {
  row(
    'F30',
    engine,
    'two migrate at once, one of them dies, again and again, and the schema is as if nothing had been',
    async (tell) => {
      const chance = new Chance('migrations')
      const database = await createTestDatabase(engine)
      let kills = 0
      let bad = 0
      try {
        // One row that every later migration has to leave alone.
        const [first = ''] = names
        await migrateElsewhere(database, { until: first })
        const points = isFull ? 20 : 2
        for (let point = 0; point < points; point++) {
          const until = names[1 + Math.floor((point * (names.length - 1)) / points)] ?? ''
          const dying = {
            until,
            dieAt: Math.round(chance.between(1, 6)),
            sent: engine !== 'sqlite' && chance.happens(0.5),
          }
          const ended = await Promise.all([migrateElsewhere(database, dying), migrateElsewhere(database, { until })])
          kills += ended.filter(({ signal }) => signal === 'SIGKILL').length
          bad += ended.filter(({ complaint }) => complaint !== '').length
          for (const { complaint } of ended) if (complaint) console.log(complaint)
        }
        const both = await Promise.all([migrateElsewhere(database), migrateElsewhere(database)])
        bad += both.filter(({ complaint }) => complaint !== '').length
        const handle = await open(database)
        const left = await migrate(handle)
        const isEqual = JSON.stringify(await schemaOf(handle, engine)) === JSON.stringify(await freshSchema(engine))
        const epochs = await handle.db.selectFrom('installation').selectAll().execute()
        await handle.close()
        tell({ points, kills, failed: bad, left: left.length, rows_lost: 1 - epochs.length, equal: Number(isEqual) })
        expect({ bad, left, epochs: epochs.length, isEqual }).toEqual({ bad: 0, left: [], epochs: 1, isEqual: true })
      } finally {
        await database.drop()
      }
    },
    isFull ? { timeoutMs: 1_200_000 } : {},
  )
})
