import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  SchemableIdentifierNode,
  type UnknownRow,
} from 'kysely'

const names: ReadonlyMap<string, string> = new Map([
  ['installation', '_atrium_installation'],
  ['streams', '_atrium_streams'],
  ['events', '_atrium_events'],
])

class Renaming extends OperationNodeTransformer {
  protected override transformSchemableIdentifier(
    node: SchemableIdentifierNode,
    queryId?: QueryId,
  ): SchemableIdentifierNode {
    const same = super.transformSchemableIdentifier(node, queryId)
    const name = names.get(same.identifier.name)
    return name === undefined ? same : SchemableIdentifierNode.create(name)
  }
}

const renaming = new Renaming()

/** What is written for our own streams and events, said to those of rows: one way of keeping them, in two databases. */
export const bookkeepingNames: KyselyPlugin = {
  transformQuery: ({ node, queryId }: PluginTransformQueryArgs): RootOperationNode =>
    renaming.transformNode(node, queryId),
  transformResult: async ({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> => result,
}
