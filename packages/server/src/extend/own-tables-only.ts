import type { KyselyPlugin, OperationNode, PluginTransformQueryArgs } from 'kysely'

/** Statements of a module name its own tables, and what they define themselves. */
export class OwnTablesOnly implements KyselyPlugin {
  readonly #module: string
  readonly #tables: ReadonlySet<string>

  constructor(module: string, tables: readonly string[]) {
    this.#module = module
    this.#tables = new Set(tables)
  }

  transformQuery({ node }: PluginTransformQueryArgs) {
    const named = new Set<string>()
    const defined = new Set<string>()
    visit(node, named, defined)
    const foreign = [...named].find((table) => !this.#tables.has(table) && !defined.has(table))
    if (foreign !== undefined) throw new Error(`The module ${this.#module} may not ask for the table ${foreign}.`)
    return node
  }

  async transformResult<T>({ result }: { result: T }): Promise<T> {
    return result
  }
}

/** The parts that name a column, not a table to read from; a table there may be an alias. */
const columns = new Set(['ReferenceNode', 'SelectAllNode', 'ColumnNode'])

function visit(value: unknown, named: Set<string>, defined: Set<string>): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(each, named, defined)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const { kind } = value as Partial<OperationNode>
  if (kind === undefined || columns.has(kind)) return
  if (kind === 'CommonTableExpressionNameNode') {
    defined.add(nameOf((value as unknown as { table: TableLike }).table))
    return
  }
  if (kind === 'TableNode') {
    named.add(nameOf(value as unknown as TableLike))
    return
  }
  for (const each of Object.values(value)) visit(each, named, defined)
}

interface TableLike {
  table: { identifier: { name: string } }
}

const nameOf = ({ table }: TableLike): string => table.identifier.name
