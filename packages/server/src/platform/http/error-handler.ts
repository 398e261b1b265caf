import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, platformErrors } from '../errors.ts'
import { toProblem } from './problem.ts'

/** Tells which database errors mean "not now" and "disk full"; anything else of a driver is our fault. */
export interface ErrorClassifier {
  isUnavailable(error: unknown): boolean
  isDiskFull(error: unknown): boolean
}

/** One place that turns whatever was thrown into a problem document and one log line. */
export function handleErrors(app: FastifyInstance, classify: ErrorClassifier): void {
  const methods = collectMethods(app)
  app.setErrorHandler((error: FastifyError | AppError, request, reply) =>
    answer(toAppError(error, classify), request, reply),
  )
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods(request.url)
    // A route that took the method and found nothing ends here too.
    const found = allowed.length > 0 && !allowed.includes(request.method)
    if (!found) return answer(platformErrors.not_found(), request, reply)
    reply.header('allow', allowed.join(', '))
    return answer(platformErrors.method_not_allowed(), request, reply)
  })
}

function answer(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isFault(error)) request.log.error({ err: error.cause ?? error, code: error.code }, 'request failed')
  else if (error.status >= 500) request.log.warn({ code: error.code }, 'request refused')
  else request.log.info({ code: error.code }, 'request refused')
  const passes = error.kind === 'unavailable' || error.kind === 'rate_limited' || error.kind === 'locked'
  if (passes || error.members.retry_after !== undefined) {
    reply.header('retry-after', String(error.members.retry_after ?? 1))
  }
  const instance = request.url.split('?', 1)[0]?.slice(0, 200) ?? ''
  return reply
    .code(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(toProblem(error, { instance, requestId: request.id })))
}

/** Something is broken. Whoever is turned away because there are too many is told so, and it was meant. */
export const isFault = ({ status, kind, cause }: AppError): boolean =>
  status >= 500 && (kind !== 'unavailable' || cause !== undefined)

export function toAppError(error: unknown, classify: ErrorClassifier): AppError {
  if (error instanceof AppError) return error
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return platformErrors.payload_too_large()
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return platformErrors.unsupported_media_type()
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_PARAM_TOO_LONG':
      return platformErrors.bad_request({ detail: (error as Error).message })
  }
  // A refusal of the framework keeps its meaning; its text may quote the request and is not repeated. It comes first:
  // a client that hangs up gives the same ECONNRESET as a database that does.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return platformErrors.bad_request({ cause: error })
  if (classify.isDiskFull(error)) return platformErrors.disk_full({ cause: error })
  if (classify.isUnavailable(error)) return platformErrors.unavailable({ cause: error, members: { retry_after: 2 } })
  return platformErrors.internal_error({ cause: error })
}

/** For an address that no route of this method takes: the methods that do take it. */
function collectMethods(app: FastifyInstance): (url: string) => string[] {
  const known: { url: string; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    if (!url.includes('*')) known.push({ url, methods: [method].flat() })
  })
  // Made when the first address is not found: all of them together take their time.
  let routes: { pattern: RegExp; methods: string[] }[] | undefined
  return (url) => {
    const path = url.split('?', 1)[0] ?? ''
    routes ??= known.map((route) => ({ pattern: patternOf(route.url), methods: route.methods }))
    return [...new Set(routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : [])))]
  }
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+')}$`)
