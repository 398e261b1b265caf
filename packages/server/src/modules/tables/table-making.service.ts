import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { AuditService } from '../audit/index.ts'
import type { ExposureService } from './exposure.service.ts'
import type { Snapshot, TablesRegistry } from './registry.ts'
import { planned } from './table-plan.ts'
import { tablesErrors } from './tables.errors.ts'
import type { AdminTable, NewTable } from './tables.schema.ts'

export interface TableMakingDependencies {
  database: DatabaseHandle
  registry: TablesRegistry
  exposure: ExposureService
  audit: AuditService
}

/** Makes tables from lists of columns. Like every other they are offered to nobody before they are exposed. */
export class TableMakingService {
  readonly #deps: TableMakingDependencies

  constructor(deps: TableMakingDependencies) {
    this.#deps = deps
  }

  /** Throws already_exists, validation_failed, read_only_source. */
  async create(table: NewTable): Promise<AdminTable> {
    const { database, registry, exposure, audit } = this.#deps
    registry.forget(true)
    const snapshot = await registry.snapshot()
    assertFree(snapshot, table.name)
    const { columns, key } = planned(table, snapshot)
    const { handle, dialect } = snapshot
    try {
      await handle.unitOfWork(({ tx }) => dialect.createTable(tx, { name: table.name, columns, key }))
    } catch (error) {
      if (dialect.classify(error) === 'read_only') throw tablesErrors.read_only_source({ cause: error })
      // A name that is hidden is taken all the same.
      if (/already exists/i.test((error as Error).message)) throw nameTaken()
      throw error
    }
    registry.forget(true)
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, {
        type: 'system_config_changed',
        resource: { type: 'table', id: table.name },
        detail: { created: true, columns: columns.map(({ name }) => name) },
      }),
    )
    return exposure.get(table.name)
  }
}

export const nameTaken = () => platformErrors.already_exists({ detail: 'There is a table of this name' })

export function assertFree({ tables }: Pick<Snapshot, 'tables'>, wanted: string): void {
  const lower = wanted.toLowerCase()
  if ([...tables.keys()].some((name) => name.toLowerCase() === lower)) throw nameTaken()
}
