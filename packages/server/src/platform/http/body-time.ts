import type { IncomingMessage, Server } from 'node:http'
import { answerClientError } from './client-errors.ts'

export interface BodyTimes {
  /** The whole of a body has to be there within this. */
  limitMs: number
  /** Of these requests it may last, as long as so much of it comes in each interval. */
  isLong(request: IncomingMessage): boolean
  intervalMs: number
  leastBytes: number
}

export const bodyTimes: BodyTimes = {
  limitMs: 60_000,
  // Files: the routes themselves refuse what is too large.
  isLong: ({ url = '' }) =>
    /^\/api\/v1\/(files|users\/me\/avatar|data\/[^/?]+\/import|admin\/data\/tables)(?=[/?]|$)/.test(url),
  intervalMs: 20_000,
  leastBytes: 20 * 1024,
}

const late = () => Object.assign(new Error('The body took too long'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })

/** Cuts off who sends a body too slowly: Node has one limit for all requests, and files need another. */
export function limitBodyTime(server: Server, headers: Record<string, string>, times: BodyTimes = bodyTimes): void {
  server.on('request', (request: IncomingMessage) => {
    const { socket } = request
    const declared = request.headers['content-length']
    if (request.headers['transfer-encoding'] === undefined && (declared === undefined || declared === '0')) return
    const cut = () => {
      if (!request.complete) answerClientError(late(), socket, headers)
    }
    let seen = socket.bytesRead
    const look = () => {
      // What has come and waits for us is no fault of theirs.
      const isSlow = socket.bytesRead - seen < times.leastBytes && request.readableLength === 0
      seen = socket.bytesRead
      if (isSlow) cut()
    }
    const timer = times.isLong(request) ? setInterval(look, times.intervalMs) : setTimeout(cut, times.limitMs)
    timer.unref()
    for (const event of ['end', 'close', 'error']) request.once(event, () => clearTimeout(timer))
  })
}
