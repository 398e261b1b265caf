import { createHash } from 'node:crypto'
import type { CatalogueTable } from '../../../platform/db/tables/catalogue.ts'
import { platformErrors } from '../../../platform/errors.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { badFilter } from '../query/bad-filter.ts'
import type { Condition, Field } from '../query/condition.ts'
import { parseFilter } from '../query/filter-parser.ts'
import { isLive } from '../registry.ts'

/** What somebody wants to hear of a table. */
export interface Wanted {
  table: string
  filter?: Record<string, unknown> | undefined
  fields?: readonly string[] | undefined
  numbers?: 'string' | undefined
}

/** The same, by the rules of this moment. */
export interface Watching {
  wanted: Wanted
  access: TableAccess
  view: TableView
  fields: readonly Field[]
  filter: Condition | undefined
  /** Changes when other rows or columns may be seen than before: then what was told is no whole any more. */
  print: string
  /** Whoever has the same hears the same. */
  group: string
}

/** Throws not_found, forbidden, bad_filter, state_conflict. */
export function watchingOf(access: TableAccess, wanted: Wanted): Watching {
  const view = access.view(wanted.table, 'list')
  const { entry } = view
  if (!isLive(entry) || !access.snapshot.books || view.key.length === 0) {
    throw platformErrors.state_conflict({ detail: 'This table does not tell its changes' })
  }
  const fields = wanted.fields
    ? [...new Set(wanted.fields)].map((name) => view.field(name) ?? missing())
    : [...view.readable.values()]
  // What happens in other tables is not in this stream.
  const scope = { field: (name: string) => view.field(name), relation: () => undefined, macros: view.macros }
  const filter = wanted.filter && parseFilter(wanted.filter, scope)
  const { isFull, roles, userId } = access.caller
  const mine = Object.keys(entry.settings.rules ?? {}).filter((role) => roles.includes(role))
  const rules = JSON.stringify(entry.settings.rules ?? {})
  const tables = rules.includes('.') ? [...access.snapshot.tables.values()] : [entry]
  const isPersonal = /"\$+me"/.test(rules) || JSON.stringify(wanted.filter ?? {}).includes('$me')
  return {
    ...{ wanted, access, view, fields, filter },
    print: digest([isFull, mine, tables.map(({ version, table }) => [version, columnsOf(table)])]),
    group: JSON.stringify([isFull, mine, wanted, isPersonal ? userId : '']),
  }
}

const columnsOf = ({ columns }: CatalogueTable) =>
  [...columns.values()].map(({ name, type, nativeType }) => [name, type, nativeType])

export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16)

function missing(): never {
  throw badFilter('A field is named that does not exist here')
}
