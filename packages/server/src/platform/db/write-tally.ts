import {
  DeleteQueryNode,
  type KyselyPlugin,
  type OperationNode,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  TableNode,
  type UnknownRow,
  UpdateQueryNode,
} from 'kysely'

/** Counts what statements remove and change, by table, as the database itself tells it; what goes by cascade is not told. */
export class WriteTally implements KyselyPlugin {
  readonly removed: Record<string, number> = {}
  readonly changed: Record<string, number> = {}
  readonly #open = new WeakMap<object, { counts: Record<string, number>; table: string }>()

  transformQuery({ node, queryId }: PluginTransformQueryArgs) {
    const table = tableOf(node)
    if (table !== undefined)
      this.#open.set(queryId, { table, counts: DeleteQueryNode.is(node) ? this.removed : this.changed })
    return node
  }

  async transformResult({ result, queryId }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    const { counts, table } = this.#open.get(queryId) ?? {}
    const rows = Number(result.numAffectedRows ?? 0)
    if (counts && table !== undefined && rows > 0) counts[table] = (counts[table] ?? 0) + rows
    return result
  }
}

function tableOf(node: OperationNode): string | undefined {
  const target = DeleteQueryNode.is(node) ? node.from.froms[0] : UpdateQueryNode.is(node) ? node.table : undefined
  return target && TableNode.is(target) ? target.table.identifier.name : undefined
}
