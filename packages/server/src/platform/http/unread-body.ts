import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** So long the rest of a body is taken and thrown away, for its sender to read the answer meanwhile. */
const patienceMs = 5_000

/**
 * Whoever is refused in the middle of a body still sends. Unless that is taken, the next request on the connection waits
 * behind it for ever; and when the connection is closed over it, the answer is lost with it (RFC 9112, 9.6).
 */
export function takeUnreadBodies(app: FastifyInstance): void {
  app.addHook('onSend', ({ raw }, reply, payload, done) => {
    const isEmpty = raw.headers['transfer-encoding'] === undefined && !Number(raw.headers['content-length'])
    if (!isEmpty && raw.complete === false) takeUnread(raw, reply)
    done(null, payload)
  })
}

function takeUnread(raw: IncomingMessage, reply: FastifyReply): void {
  if (raw.destroyed) {
    reply.header('connection', 'close')
    return
  }
  const { socket } = raw
  const timer = setTimeout(() => socket.destroy(), patienceMs).unref()
  for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer))
  raw.unpipe()
  raw.resume()
}
