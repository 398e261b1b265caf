import type { Actor } from '../../platform/actor.ts'
import { platformErrors } from '../../platform/errors.ts'
import { accessOf, type CallerAccessDependencies } from './caller-access.ts'
import { toDataTable, toSchema } from './table-views.ts'
import type { DataTable, DataTableSchema } from './tables.schema.ts'

/** What there is for a caller. */
export class TablesService {
  readonly #deps: CallerAccessDependencies

  constructor(deps: CallerAccessDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor): Promise<DataTable[]> {
    const access = await accessOf(this.#deps, actor)
    return [...access.snapshot.tables.values()]
      .filter(({ table }) => access.actions(table.name).length > 0)
      .map((entry) => toDataTable(access, entry))
  }

  async schema(actor: Actor, name: string): Promise<DataTableSchema> {
    const access = await accessOf(this.#deps, actor)
    const entry = access.snapshot.tables.get(name)
    if (!entry || access.actions(name).length === 0) throw platformErrors.not_found()
    return toSchema(access, entry)
  }
}
