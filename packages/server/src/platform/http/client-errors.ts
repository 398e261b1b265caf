import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { platformErrors } from '../errors.ts'
import { newCallId } from '../ids.ts'
import { toProblem } from './problem.ts'

/** Answers what is no HTTP request, or too much of one, in the one error format, and ends the connection (RFC 9112 2.2). */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  headers: Record<string, string>,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = toAppError(error.code)
  const requestId = newCallId()
  const body = JSON.stringify(toProblem(problem, { instance: '', requestId }))
  const lines = Object.entries({
    ...headers,
    'x-request-id': requestId,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  socket.write([`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', body].join('\r\n'))
  socket.destroySoon()
}

function toAppError(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW') return platformErrors.headers_too_large()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return platformErrors.request_timeout()
  return platformErrors.bad_request({ detail: 'This is not a valid HTTP request' })
}
