import { relative, resolve, sep } from 'node:path'
import type { Logger } from '../../log.ts'
import { openDatabase } from '../database.ts'
import type { DatabaseConfig } from '../database-url.ts'
import { replaceEpoch } from '../installation.ts'
import { bookkeepingNames } from './bookkeeping-names.ts'

interface Places {
  database: DatabaseConfig
  tables: DatabaseConfig
  dataDir: string
}

/** Whether the offered tables lie beside ours, in one database. */
export const areTablesBesideOurs = ({ database, tables }: Places): boolean =>
  JSON.stringify(database) === JSON.stringify(tables)

/** Where the offered tables are a file of the data folder that is theirs alone. */
export function ownTablesFile(places: Places): string | undefined {
  const { tables, dataDir } = places
  if (tables.kind !== 'sqlite' || tables.readOnly || areTablesBesideOurs(places)) return undefined
  const inside = relative(dataDir, resolve(tables.file))
  return inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside ? undefined : tables.file
}

/** After such a file was replaced: places in the history of its rows mean nothing any more. */
export async function renewRowHistory(file: string, epoch: string, log: Logger): Promise<void> {
  const handle = await openDatabase({ kind: 'sqlite', file }, { log })
  try {
    await handle.migrationSession(async (session) => {
      const tables = await session.introspection.getTables()
      if (tables.some(({ name }) => name === '_atrium_installation'))
        await replaceEpoch(session.withPlugin(bookkeepingNames), epoch)
    })
  } finally {
    await handle.close()
  }
}
