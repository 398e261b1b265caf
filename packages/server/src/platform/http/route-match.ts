import type { RouteOptions } from 'fastify'

/** As `guardedRoutes` has them. */
export type Route = Pick<RouteOptions, 'method' | 'url' | 'config' | 'schema'>

export interface MatchedRoute {
  route: Route
  /** As they were sent: still percent-encoded. */
  params: Record<string, string>
}

/** The route that would take this address: at each part of it what is written out comes before what is a parameter. */
export function matchRoute(routes: readonly Route[], method: string, path: string): MatchedRoute | undefined {
  const parts = path.split('/')
  const matching = routes.flatMap((route) => {
    const params = [route.method].flat().includes(method) ? paramsOf(route.url.split('/'), parts) : undefined
    return params ? [{ route, params }] : []
  })
  return matching.sort((a, b) => compare(a.route.url.split('/'), b.route.url.split('/')))[0]
}

function paramsOf(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const isOpen = pattern.at(-1) === '*'
  if (isOpen ? parts.length < pattern.length : parts.length !== pattern.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, piece] of pattern.entries()) {
    const part = parts[index] ?? ''
    if (isOpen && index === pattern.length - 1) params['*'] = parts.slice(index).join('/')
    else if (piece.startsWith(':') && part !== '') params[piece.slice(1)] = part
    else if (piece !== part) return undefined
  }
  return params
}

const weight = (piece = ''): number => (piece === '*' ? 2 : piece.startsWith(':') ? 1 : 0)

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, piece] of a.entries()) {
    const difference = weight(piece) - weight(b[index])
    if (difference !== 0) return difference
  }
  return 0
}
