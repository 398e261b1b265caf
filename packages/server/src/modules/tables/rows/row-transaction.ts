import type { Db } from '../../../platform/db/schema.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { ReadingService } from './reading.service.ts'
import { RowChanges, type RowChangesDependencies, settleRowChanges } from './row-changes.ts'

/** Ends a transaction that was only tried. */
class Tried<T> extends Error {
  readonly result: T

  constructor(result: T) {
    super('Only tried')
    this.result = result
  }
}

/** One transaction of the tables' own database, with what is told and kept of it; `dryRun` takes everything back. */
export async function inRowTransaction<T>(
  deps: RowChangesDependencies & { reading: ReadingService },
  access: TableAccess,
  dryRun: boolean | undefined,
  work: (db: Db, changes: RowChanges) => Promise<T>,
): Promise<T> {
  const run = () =>
    access.snapshot.handle.unitOfWork(async (uow) => {
      const changes = new RowChanges(deps, uow.tx, access)
      const result = await work(uow.tx, changes)
      if (dryRun) throw new Tried(result)
      uow.lastly(settleRowChanges, changes)
      return result
    })
  try {
    return await deps.reading.guarded(access, run)
  } catch (error) {
    if (error instanceof Tried) return error.result as T
    throw error
  }
}
