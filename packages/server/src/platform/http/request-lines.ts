import type { FastifyInstance } from 'fastify'
import { type Logger, readyLines } from '../log.ts'

/** One line a request: never the query, which may hold what people searched for. */
export function logRequests(app: FastifyInstance, log: Logger): void {
  const ready = readyLines(log)
  // Searching a line for secrets costs ten times the line; this one is made of named fields that are none.
  const lines = log.child({}, { redact: [] })
  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const path = pathOf(request.url)
    const { id, method, visitor, span } = request
    const { ip } = request.client
    const status = reply.statusCode
    if (ready) {
      const trace = span ? `,"trace_id":${quoted(span.traceId)}` : ''
      const user = visitor ? `,"user_id":${quoted(visitor.userId)}` : ''
      const asked = `,"request_id":${quoted(id)},"method":${quoted(method)},"path":${quoted(path)}`
      ready(`${trace}${asked},"status":${status},"ms":${ms},"ip":${quoted(ip)}${user}`, 'request')
    } else {
      const user_id = visitor?.userId
      lines.info({ request_id: id, trace_id: span?.traceId, method, path, status, ms, ip, user_id }, 'request')
    }
    done()
  })
}

function pathOf(url: string): string {
  const end = url.indexOf('?')
  return url.slice(0, Math.min(end === -1 ? url.length : end, 200))
}

/** As JSON; hardly any of these texts has a character that is written otherwise there. */
const quoted = (text: string): string => (/^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text))
