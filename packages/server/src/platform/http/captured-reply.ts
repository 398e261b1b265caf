import type { FastifyReply } from 'fastify'
import type { KeptAnswer } from '../idempotency/idempotency-keys.ts'

/** Headers that say something of the answer itself. What else is sent, cookies above all, belongs to one request. */
const kept = ['content-type', 'location', 'etag', 'cache-control']

/**
 * Runs a handler and holds back what it sends, until `send`. The handler gets a stand-in for the reply, which shares its
 * headers and status.
 */
export async function captureReply(
  reply: FastifyReply,
  run: (reply: FastifyReply) => Promise<unknown>,
): Promise<{ answer: KeptAnswer & { body: string }; send(): FastifyReply }> {
  let sent: { payload: unknown } | undefined
  reply.raw.statusCode = 200
  const standIn: FastifyReply = Object.create(reply, {
    send: {
      value: (payload: unknown) => {
        sent = { payload }
        return standIn
      },
    },
    // A reply can be waited for: until it is sent, which this one never is.
    // biome-ignore lint/suspicious/noThenProperty: it is taken away
    then: { value: undefined },
  })
  const returned = await run(standIn)
  const payload = sent ? sent.payload : returned
  const { statusCode } = reply
  const isEmpty = payload === null || payload === undefined
  if (!isEmpty && !reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  const body = isEmpty ? '' : textOf(reply, payload)
  const headers = Object.fromEntries(
    kept.flatMap((name) => {
      const value = reply.getHeader(name)
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
  return {
    answer: { status: statusCode, headers, body },
    send: () => reply.code(statusCode).send(isEmpty ? null : body),
  }
}

/** As it would be written on its way out: by the schema of its status and type. */
function textOf(reply: FastifyReply, payload: unknown): string {
  if (typeof payload === 'string') return payload
  const [type = ''] = String(reply.getHeader('content-type')).split(';')
  // A route with one form for all types has its writer under the status alone.
  const ofStatus = reply.getSerializationFunction(String(reply.statusCode)) as Write | Record<string, Write> | undefined
  const write = typeof ofStatus === 'function' ? ofStatus : ofStatus?.[type]
  return write ? write(payload) : JSON.stringify(payload)
}

type Write = (payload: unknown) => string
