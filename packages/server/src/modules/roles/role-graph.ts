export interface RoleNode {
  permissions: readonly string[]
  inherits: readonly string[]
}

type Graph = ReadonlyMap<string, RoleNode>

/** The names and all they inherit from; those that do not exist are left out. */
function reachable(graph: Graph, names: readonly string[]): Map<string, RoleNode> {
  const seen = new Map<string, RoleNode>()
  const waiting = [...names]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const role = graph.get(name)
    if (!role || seen.has(name)) continue
    seen.set(name, role)
    waiting.push(...role.inherits)
  }
  return seen
}

/** What these roles grant together; a role that does not exist grants nothing. */
export function grantedBy(graph: Graph, names: readonly string[]): string[] {
  const granted = [...reachable(graph, names).values()].flatMap((role) => role.permissions)
  return [...new Set(granted)].sort()
}

/** The names, and those of the roles they inherit from. */
export const withInherited = (graph: Graph, names: readonly string[]): string[] => [...reachable(graph, names).keys()]

export const inheritsItself = (graph: Graph, name: string): boolean =>
  reachable(graph, graph.get(name)?.inherits ?? []).has(name)
