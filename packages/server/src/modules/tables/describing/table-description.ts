import type { Actor } from '../../../platform/actor.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { needsExactText } from '../../../platform/db/tables/tables-dialect.ts'
import { refusal } from '../../../platform/policy.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableEntry } from '../registry.ts'
import { openActions } from '../table-views.ts'
import type { DescribedColumn, TableDescription } from './described.ts'
import { type ApiDocument, withTables } from './table-operations.ts'

/** Tables as their callers see them, for the API's document and for typed clients. */
export class TableDescriptions {
  readonly #deps: CallerAccessDependencies

  constructor(deps: CallerAccessDependencies) {
    this.#deps = deps
  }

  /** None for whom the door to rows is shut. */
  async of(actor: Actor | null): Promise<TableDescription[]> {
    const now = this.#deps.now()
    const may = (permission: string) => refusal(actor, { access: { permission } }, now) === undefined
    if (!actor || !may('data:read')) return []
    const access = await accessOf(this.#deps, actor)
    return [...access.snapshot.tables.values()].flatMap((entry) => describe(access, entry, may('data:write')) ?? [])
  }

  /** The document of the API with what this caller may use; without it while the tables are out of reach. */
  async complete(document: object, actor: Actor | null): Promise<object> {
    const tables = await this.of(actor).catch(() => [])
    return tables.length === 0 ? document : withTables(document as ApiDocument, tables)
  }
}

const reads = new Set(['list', 'get'])

function describe(access: TableAccess, entry: TableEntry, mayWrite: boolean): TableDescription | undefined {
  const { table, settings } = entry
  const actions = openActions(access, table).filter((action) => mayWrite || reads.has(action))
  if (actions.length === 0) return undefined
  const view = (action: string) => (actions.includes(action) ? access.find(table.name, action as 'list') : undefined)
  const readers = ['list', 'get'].flatMap((action) => view(action) ?? [])
  const [create, update] = [view('create'), view('update')]
  const columns = [...table.columns.values()]
    .map((column): DescribedColumn => {
      const isCreated = create?.mayWrite(column.name) ?? false
      return {
        // As its readers see it: on some rows only, it is null on the others.
        column: readers.flatMap(({ readable }) => readable.get(column.name)?.column ?? [])[0] ?? column,
        isExact: needsExactText(column),
        read: readers.some(({ readable }) => readable.has(column.name)),
        create: isCreated,
        update: (update?.mayWrite(column.name) ?? false) && !entry.key.includes(column.name),
        required: isCreated && isNeeded(column, entry),
      }
    })
    .filter((column) => column.read || column.create || column.update)
  const isKeySeen = entry.key.every((name) => columns.some(({ column, read }) => read && column.name === name))
  return {
    name: table.name,
    label: settings.label ?? null,
    description: settings.description ?? null,
    actions,
    key: isKeySeen ? entry.key : [],
    columns,
    relations: [...entry.relations.values()].filter(({ name }) => readers.some((reader) => reader.related(name))),
  }
}

const isNeeded = ({ name, nullable, default: value, autoIncrement, type }: Column, { key }: TableEntry): boolean =>
  !nullable && value === null && !autoIncrement && !(type === 'uuid' && key.includes(name))
