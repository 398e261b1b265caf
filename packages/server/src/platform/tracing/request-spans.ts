import type { FastifyInstance, FastifyRequest } from 'fastify'
import { trustList } from '../http/client-info.ts'
import { readTraceparent, type Span } from './span.ts'
import type { Tracer } from './tracer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent where there are no traces. */
    span: Span | null
  }
}

export type BeginSpan = (request: FastifyRequest) => Span

/** Before the routes are added. Names are those of routes, never of what was asked for. */
export function traceRequests(app: FastifyInstance, tracer: Tracer, trustedProxies: readonly string[]): BeginSpan {
  const isTrusted = trustList(trustedProxies) ?? (() => false)
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply
    request.span?.end({ 'http.response.status_code': statusCode }, { isFailed: statusCode >= 500 })
    done()
  })
  return (request) => {
    const { method, routeOptions, headers, raw, id } = request
    const { url } = routeOptions
    const route = url === undefined || url === '/*' ? undefined : url
    const parent = readTraceparent(headers.traceparent)
    const span = tracer.begin(
      route === undefined ? method : `${method} ${route}`,
      'server',
      { 'http.request.method': method, 'http.route': route, 'atrium.request_id': id },
      parent,
      isTrusted(raw.socket.remoteAddress ?? ''),
    )
    request.span = span
    return span
  }
}
